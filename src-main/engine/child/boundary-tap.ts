import { SkeinError } from '#contract/errors.ts'
import type { TensorAddress, TensorFunctions } from '../bindings/tensor.ts'

/**
 * Takes the boundary out of a running graph: the output of the last layer, before the final norm. llama.cpp asks about
 * each tensor in turn (some 30 per layer), then computes up to the one that was wanted, hands it over, and skips the
 * rest of the graph when told so.
 *
 * Answering from JavaScript costs 0.13 µs, reading a tensor's name 0.27 µs more. So the tap remembers at which ask the
 * boundary came in a call of as many rows, and reads no name before. A graph may change between two calls, so the name
 * decides in the end, and a call in which the boundary came earlier than remembered counts as missed: whoever uses
 * the tap runs it again, and then every name is read.
 */
export class BoundaryTap {
  readonly #tensor: TensorFunctions
  readonly #name: string
  readonly #expectedAsk = new Map<number, number>()
  #target: Float32Array = new Float32Array(0)
  #rows = 0
  #asks = 0
  #firstAsk = 0
  #state: 'idle' | 'watching' | 'taken' | 'wrong-size' = 'idle'

  constructor(tensor: TensorFunctions, name: string) {
    this.#tensor = tensor
    this.#name = name
  }

  /** The eval callback: whether llama.cpp shall stop at this tensor, and then whether it shall go on after it. */
  answer(address: TensorAddress, ask: boolean): boolean {
    return ask ? this.#wants(address) : this.#take(address)
  }

  /** Before a call of `rows` rows, whose boundary goes to `target`. */
  watch(rows: number, target: Float32Array): void {
    this.#rows = rows
    this.#target = target
    this.#asks = 0
    this.#firstAsk = this.#expectedAsk.get(rows) ?? 0
    this.#state = 'watching'
  }

  /** After the call: whether `target` holds the boundary now. Throws `engine-decode-failed` where it had another size. */
  finish(): boolean {
    const state = this.#state
    this.#state = 'idle'
    this.#target = new Float32Array(0)
    if (state === 'wrong-size') {
      throw new SkeinError('engine-decode-failed', `${this.#name} has another size than its rows`)
    }
    if (state === 'taken') return true
    this.#expectedAsk.delete(this.#rows)
    return false
  }

  #wants(address: TensorAddress): boolean {
    if (this.#state !== 'watching') return false
    const ask = this.#asks++
    if (ask < this.#firstAsk) return false
    if (this.#tensor.name(address) !== this.#name) return false
    this.#expectedAsk.set(this.#rows, ask)
    return true
  }

  #take(address: TensorAddress): boolean {
    if (this.#tensor.bytes(address) === this.#target.byteLength) {
      this.#tensor.read(address, this.#target)
      this.#state = 'taken'
    } else {
      this.#state = 'wrong-size'
    }
    return false
  }
}
