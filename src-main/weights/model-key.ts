import crypto from 'hypercore-crypto'
import { SkeinError } from '#contract/errors.ts'
import type { ModelKey } from '#contract/model.ts'
import type { ByteSource } from '#model/byte-source.ts'
import { blockBytes } from './block-size.ts'
import { MerkleTree } from './merkle-tree.ts'
import { keyOf, staticManifest } from './static-core.ts'

/** Bytes read at once: a millisecond or two of hashing, so that other work gets its turn between. */
const chunkBytes = 16 * blockBytes

export interface HashingOptions {
  readonly signal?: AbortSignal
  /** Bytes hashed so far, of all. */
  readonly onProgress?: (done: number, total: number) => void
}

/** The key of a model's bytes, in constant memory. Throws what reading throws, `weights-malformed` or `cancelled`. */
export async function modelKeyOf(
  source: ByteSource,
  options: HashingOptions = {}
): Promise<ModelKey> {
  if (source.size === 0) throw new SkeinError('weights-malformed', 'an empty file')
  const tree = new MerkleTree()
  for await (const chunk of chunksFrom(source, 0)) {
    if (options.signal?.aborted === true) throw new SkeinError('cancelled')
    for (const block of blocksIn(chunk)) tree.append(crypto.data(block), block.length)
    options.onProgress?.(Math.min(tree.length * blockBytes, source.size), source.size)
  }
  return keyOf(staticManifest(tree))
}

/** The bytes from `offset` on; the next chunk is on its way while the last one is worked on. */
export async function* chunksFrom(
  source: ByteSource,
  offset: number
): AsyncGenerator<Uint8Array, void> {
  let next = readChunk(source, offset)
  for (let at = offset; at < source.size; at += chunkBytes) {
    const chunk = await next
    next = readChunk(source, at + chunkBytes)
    // Awaited in the next round; a failure until then is not unhandled.
    next.catch(() => undefined)
    yield chunk
  }
}

export function* blocksIn(chunk: Uint8Array): Generator<Uint8Array, void> {
  for (let at = 0; at < chunk.length; at += blockBytes) yield chunk.subarray(at, at + blockBytes)
}

function readChunk(source: ByteSource, offset: number): Promise<Uint8Array> {
  const length = Math.max(0, Math.min(chunkBytes, source.size - offset))
  return length === 0 ? Promise.resolve(new Uint8Array()) : source.read(offset, length)
}
