import type { BatchValues } from './batch-struct.ts'
import { addressOf, type Pointer } from './ffi.ts'

/**
 * Rows for one `llama_decode`, written into memory that is set aside once: llama.cpp reads the arrays by address, so
 * they live as long as this object.
 */
export class Batch {
  readonly tokens: Int32Array
  /** `capacity x width`; empty for a stage that takes tokens. */
  readonly boundary: Float32Array
  readonly #width: number
  readonly #positions: Int32Array
  readonly #sequenceCounts: Int32Array
  readonly #sequencePointers: BigUint64Array
  readonly #sequences: Int32Array
  readonly #outputs: Int8Array
  readonly #sequencesAddress: Pointer
  readonly #addresses: Omit<BatchValues, 'n_tokens'>
  #rows = 0

  /** `width: 0` for tokens in, else the boundary's width. */
  constructor(capacity: number, width: number, sequences: number) {
    this.#width = width
    this.tokens = new Int32Array(width === 0 ? capacity : 0)
    this.boundary = new Float32Array(capacity * width)
    this.#positions = new Int32Array(capacity)
    this.#sequenceCounts = new Int32Array(capacity).fill(1)
    this.#sequencePointers = new BigUint64Array(capacity)
    this.#sequences = Int32Array.from({ length: sequences }, (_, sequence) => sequence)
    this.#outputs = new Int8Array(capacity)
    this.#sequencesAddress = addressOf(this.#sequences)
    this.#addresses = {
      token: width === 0 ? addressOf(this.tokens) : null,
      embd: width === 0 ? null : addressOf(this.boundary),
      pos: addressOf(this.#positions),
      n_seq_id: addressOf(this.#sequenceCounts),
      seq_id: addressOf(this.#sequencePointers),
      logits: addressOf(this.#outputs)
    }
  }

  get rows(): number {
    return this.#rows
  }

  clear(): void {
    this.#rows = 0
  }

  /** Adds rows of one sequence from `position` on; the last `outputRows` of them are computed to the end. */
  add(
    sequence: number,
    position: number,
    input: Int32Array | Float32Array,
    rows: number,
    outputRows: number
  ): void {
    const start = this.#rows
    if (this.#width === 0) this.tokens.set(input, start)
    else this.boundary.set(input, start * this.#width)
    const sequenceAddress = this.#sequencesAddress + BigInt(sequence * Int32Array.BYTES_PER_ELEMENT)
    for (let row = 0; row < rows; row++) this.#positions[start + row] = position + row
    this.#sequencePointers.fill(sequenceAddress, start, start + rows)
    this.#outputs.fill(0, start, start + rows - outputRows)
    this.#outputs.fill(1, start + rows - outputRows, start + rows)
    this.#rows += rows
  }

  values(): BatchValues {
    return { ...this.#addresses, n_tokens: this.#rows }
  }
}
