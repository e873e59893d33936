/** Bytes per second over the last seconds, from a count that only grows. Time is the caller's, in milliseconds. */
export class SpeedEstimate {
  readonly #windowMs: number
  readonly #samples: { readonly at: number; readonly bytes: number }[] = []

  constructor(windowMs = 5000) {
    this.#windowMs = windowMs
  }

  add(at: number, bytes: number): void {
    this.#samples.push({ at, bytes })
    while ((this.#samples[1]?.at ?? at) < at - this.#windowMs) this.#samples.shift()
  }

  /** `undefined` until there is a stretch of time to measure over. */
  perSecond(): number | undefined {
    const first = this.#samples[0]
    const last = this.#samples.at(-1)
    if (first === undefined || last === undefined || last.at === first.at) return undefined
    return ((last.bytes - first.bytes) * 1000) / (last.at - first.at)
  }
}
