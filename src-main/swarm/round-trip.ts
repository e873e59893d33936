/** Samples that the median is taken over: enough to ignore a hiccup, few enough to follow a change. */
const window = 9

/** Median of the last round trips to one peer. */
export class RoundTrip {
  readonly #samples: number[] = []

  add(millis: number): void {
    this.#samples.push(millis)
    if (this.#samples.length > window) this.#samples.shift()
  }

  /** In milliseconds; `undefined` before the first sample. */
  get median(): number | undefined {
    const sorted = this.#samples.toSorted((a, b) => a - b)
    return sorted[sorted.length >> 1]
  }
}
