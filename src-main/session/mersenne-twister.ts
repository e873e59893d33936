/** State words, and how far apart the words are that mix. */
const size = 624
const middle = 397

/**
 * MT19937, the generator of C++ that llama.cpp's samplers draw from: the same seed gives the same draws.
 */
export class MersenneTwister {
  readonly #state = new Uint32Array(size)
  #index = size

  constructor(seed: number) {
    this.#state[0] = seed
    for (let index = 1; index < size; index++) {
      const before = this.#word(index - 1)
      this.#state[index] = Math.imul(1_812_433_253, before ^ (before >>> 30)) + index
    }
  }

  /** A double in `[0, 1)`, made of two draws as C++'s `uniform_real_distribution<double>` makes it. */
  nextDouble(): number {
    const low = this.#next()
    const high = this.#next()
    const value = (low + high * 2 ** 32) / 2 ** 64
    return value < 1 ? value : 1 - Number.EPSILON / 2
  }

  #next(): number {
    if (this.#index === size) this.#refill()
    let word = this.#word(this.#index++)
    word ^= word >>> 11
    word ^= (word << 7) & 0x9d2c_5680
    word ^= (word << 15) & 0xefc6_0000
    return (word ^ (word >>> 18)) >>> 0
  }

  #refill(): void {
    for (let index = 0; index < size; index++) {
      const mixed =
        (this.#word(index) & 0x8000_0000) | (this.#word((index + 1) % size) & 0x7fff_ffff)
      const twist = (mixed & 1) === 0 ? 0 : 0x9908_b0df
      this.#state[index] = this.#word((index + middle) % size) ^ (mixed >>> 1) ^ twist
    }
    this.#index = 0
  }

  #word(index: number): number {
    return this.#state[index] ?? 0
  }
}
