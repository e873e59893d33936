import type Hypercore from 'hypercore'
import { SkeinError } from '#contract/errors.ts'
import type { ByteSource } from '#model/byte-source.ts'
import { blockBytes, blockLength, blocksOf } from './block-size.ts'

/** Gives one block of the core, checked against its tree; throws where it cannot be had. */
export type ReadBlock = (index: number) => Promise<Uint8Array>

/** A model's bytes, put together from the blocks of its core. */
export class CoreSource implements ByteSource {
  readonly size: number
  readonly #readBlock: ReadBlock

  constructor(size: number, readBlock: ReadBlock) {
    this.size = size
    this.#readBlock = readBlock
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    if (offset + length > this.size) throw new SkeinError('gguf-truncated')
    const bytes = new Uint8Array(length)
    const first = Math.floor(offset / blockBytes)
    const end = blocksOf(offset + length)
    const indexes = Array.from({ length: end - first }, (_, at) => first + at)
    await Promise.all(indexes.map((index) => this.#copyBlock(index, bytes, offset)))
    return bytes
  }

  /** The core stays open: it is not the source's. */
  close(): Promise<void> {
    return Promise.resolve()
  }

  async #copyBlock(index: number, target: Uint8Array, offset: number): Promise<void> {
    const block = await this.#readBlock(index)
    // Any content can have a key; what is shared as a model is cut into blocks of one size.
    if (block.length !== blockLength(index, this.size)) {
      throw new SkeinError('weights-malformed', `block ${index} of ${block.length} bytes`)
    }
    const at = index * blockBytes - offset
    const from = Math.max(0, -at)
    const to = Math.min(block.length, target.length - at)
    target.set(block.subarray(from, to), at + from)
  }
}

/** Length of the model behind a core whose length is known. Throws `weights-malformed` where no cut into blocks can give it. */
export function modelBytesOf(core: Hypercore): number {
  const { length, byteLength } = core
  if (blocksOf(byteLength) !== length) {
    throw new SkeinError('weights-malformed', `${byteLength} bytes in ${length} blocks`)
  }
  return byteLength
}
