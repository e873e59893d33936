import { SkeinError } from '#contract/errors.ts'
import type { ByteSource } from '#model/byte-source.ts'

/** A byte source over memory that counts what was read. */
export class MemorySource implements ByteSource {
  readonly size: number
  readonly #bytes: Uint8Array
  /** Bytes handed out so far, repeats included. */
  bytesRead = 0
  longestRead = 0

  /** `zeros` more bytes follow, as if the file were that large. */
  constructor(bytes: Uint8Array, zeros = 0) {
    this.#bytes = bytes
    this.size = bytes.length + zeros
  }

  read(offset: number, length: number): Promise<Uint8Array> {
    if (offset + length > this.size) return Promise.reject(new SkeinError('gguf-truncated'))
    this.bytesRead += length
    this.longestRead = Math.max(this.longestRead, length)
    const result = new Uint8Array(length)
    result.set(this.#bytes.subarray(offset, offset + length))
    return Promise.resolve(result)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}
