import { openFileSource, type ByteSource } from '#model/byte-source.ts'
import { blockBytes, blockLength, blocksOf } from './block-size.ts'
import type { FileIdentity } from './file-identity.ts'

/** A model file of the person's, read block by block. Opened at the first read; what it gives is unchecked. */
export class OutsideFile {
  readonly #file: FileIdentity
  #source: Promise<ByteSource> | undefined

  constructor(file: FileIdentity) {
    this.#file = file
  }

  /** `null` where the file is gone, shorter, or cannot be read. */
  async read(index: number): Promise<Uint8Array | null> {
    if (index >= blocksOf(this.#file.bytes)) return null
    try {
      this.#source ??= openFileSource(this.#file.path)
      const source = await this.#source
      return await source.read(index * blockBytes, blockLength(index, this.#file.bytes))
    } catch {
      // The file may come back: a disk that was unplugged, a folder that was renamed.
      await this.close()
      return null
    }
  }

  async close(): Promise<void> {
    const source = this.#source
    this.#source = undefined
    await source?.then(
      (opened) => opened.close(),
      () => undefined
    )
  }
}
