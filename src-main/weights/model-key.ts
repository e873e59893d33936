import Hypercore from 'hypercore'
import { SkeinError } from '#contract/errors.ts'
import { modelKeySchema, type ModelKey } from '#contract/model.ts'
import type { ByteSource } from '#model/byte-source.ts'
import { MerkleRoots } from './merkle-roots.ts'

/** Every import of a model, anywhere, cuts it into blocks of this size: another size would give another key. */
export const blockBytes = 64 * 1024

/** Blocks read from the source at once. */
const blocksPerRead = 16

export interface ModelKeyOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: (done: number, total: number) => void
}

/**
 * The key of a model: that of a Hypercore which nobody signs and whose content is the file in blocks of 64 KiB. The same bytes give
 * the same key everywhere. Reads the source once, in constant memory. Throws what the source throws, or `cancelled`.
 */
export async function modelKeyOf(
  source: ByteSource,
  { signal, onProgress }: ModelKeyOptions = {}
): Promise<ModelKey> {
  const roots = new MerkleRoots()
  const step = blockBytes * blocksPerRead
  for (let offset = 0; offset < source.size; offset += step) {
    if (signal?.aborted === true) throw new SkeinError('cancelled')
    const bytes = await source.read(offset, Math.min(step, source.size - offset))
    for (let at = 0; at < bytes.byteLength; at += blockBytes) {
      roots.append(bytes.subarray(at, at + blockBytes))
    }
    onProgress?.(offset + bytes.byteLength, source.size)
  }
  const key = Hypercore.key({
    version: 1,
    hash: 'blake2b',
    allowPatch: false,
    quorum: 0,
    signers: [],
    prologue: { hash: roots.treeHash(), length: roots.length },
    linked: null,
    userData: null
  })
  return modelKeySchema.parse(Buffer.from(key).toString('hex'))
}
