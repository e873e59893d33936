import { SkeinError } from '#contract/errors.ts'
import type { ByteSource } from './byte-source.ts'
import { ggufLimits } from './gguf-limits.ts'

const firstWindowBytes = 64 * 1024
const largestWindowBytes = 1024 * 1024
const decoder = new TextDecoder('utf-8')

/**
 * Walks forward through a header without holding it: one window of the file at a time, growing to 1 MiB. Between two
 * windows the event loop runs, so that no header makes anybody wait.
 *
 * Use: `if (!cursor.has(n)) await cursor.fill(n)`, then read up to `n` bytes synchronously.
 */
export class HeaderCursor {
  readonly #source: ByteSource
  readonly #end: number
  #window: Uint8Array = new Uint8Array(0)
  #view: DataView = new DataView(this.#window.buffer)
  /** Offset in the file of the window's first byte. */
  #start = 0
  /** Next byte to read, relative to the window; beyond its end after a long skip. */
  #at = 0
  #nextWindowBytes = firstWindowBytes

  /**
   * Begins at `offset`: 0 is the start of the file. Reads nothing from `end` on, the file's end when absent: of a model that came in
   * parts, more may not be there.
   */
  constructor(source: ByteSource, offset = 0, end = source.size) {
    this.#source = source
    this.#start = offset
    this.#end = end
  }

  /** Offset in the file of the next byte. */
  get offset(): number {
    return this.#start + this.#at
  }

  has(bytes: number): boolean {
    return this.#at + bytes <= this.#window.length
  }

  /** Makes the next `bytes` readable. Throws `gguf-truncated` or `gguf-too-large`. */
  async fill(bytes: number): Promise<void> {
    const offset = this.offset
    this.#guard(offset + bytes)
    const wanted = Math.max(bytes, this.#nextWindowBytes)
    const window = await this.#source.read(offset, Math.min(wanted, this.#end - offset))
    this.#window = window
    this.#view = new DataView(window.buffer, window.byteOffset, window.byteLength)
    this.#start = offset
    this.#at = 0
    this.#nextWindowBytes = Math.min(this.#nextWindowBytes * 2, largestWindowBytes)
  }

  /** Moves on without reading. Throws `gguf-truncated` or `gguf-too-large`. */
  skip(bytes: number): void {
    this.#guard(this.offset + bytes)
    this.#at += bytes
  }

  u8(): number {
    const value = this.#view.getUint8(this.#at)
    this.#at += 1
    return value
  }

  i8(): number {
    const value = this.#view.getInt8(this.#at)
    this.#at += 1
    return value
  }

  u16(): number {
    const value = this.#view.getUint16(this.#at, true)
    this.#at += 2
    return value
  }

  i16(): number {
    const value = this.#view.getInt16(this.#at, true)
    this.#at += 2
    return value
  }

  u32(): number {
    const value = this.#view.getUint32(this.#at, true)
    this.#at += 4
    return value
  }

  i32(): number {
    const value = this.#view.getInt32(this.#at, true)
    this.#at += 4
    return value
  }

  f32(): number {
    const value = this.#view.getFloat32(this.#at, true)
    this.#at += 4
    return value
  }

  f64(): number {
    const value = this.#view.getFloat64(this.#at, true)
    this.#at += 8
    return value
  }

  u64(): number | bigint {
    const value = this.#view.getBigUint64(this.#at, true)
    this.#at += 8
    return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value
  }

  i64(): number | bigint {
    const value = this.#view.getBigInt64(this.#at, true)
    this.#at += 8
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : value
  }

  /** An unsigned 64-bit count or length; above `limit` throws `gguf-too-large`. */
  count(limit: number, what: string): number {
    const low = this.u32()
    const high = this.u32()
    if (high !== 0 || low > limit) throw new SkeinError('gguf-too-large', what)
    return low
  }

  text(bytes: number): string {
    const text = decoder.decode(this.#window.subarray(this.#at, this.#at + bytes))
    this.#at += bytes
    return text
  }

  /** As text of one character per byte: equal where the bytes are. */
  bytes(length: number): string {
    const bytes = this.#window.subarray(this.#at, this.#at + length)
    this.#at += length
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  }

  #guard(end: number): void {
    if (end > ggufLimits.headerBytes && end <= this.#end) {
      throw new SkeinError('gguf-too-large', 'header')
    }
    if (end > this.#end) throw new SkeinError('gguf-truncated', 'in the header')
  }
}
