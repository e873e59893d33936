/** When to act, injected so that tests own time. Milliseconds, monotonic. */
export interface Clock {
  now(): number
  /** Resolves after `ms`; earlier, without failing, when `signal` aborts. */
  wait(ms: number, signal?: AbortSignal): Promise<void>
}

export const realClock: Clock = {
  now: () => performance.now(),
  wait: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) return resolve()
      const done = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      signal?.addEventListener('abort', done, { once: true })
    })
}

/**
 * Lets bytes through at a lasting rate, in the order in which they were asked for. After a pause at most `burstMs` worth of the rate
 * goes at once, so that a cap holds over any minute and not only over a day.
 */
export class ByteBucket {
  readonly #clock: Clock
  readonly #burstMs: number
  #bytesPerSecond: number
  /** When all that was let through so far is paid for. */
  #paidAt: number

  constructor(bytesPerSecond: number, clock: Clock = realClock, burstMs = 250) {
    this.#bytesPerSecond = bytesPerSecond
    this.#clock = clock
    this.#burstMs = burstMs
    this.#paidAt = clock.now()
  }

  get bytesPerSecond(): number {
    return this.#bytesPerSecond
  }

  /** Holds for what is asked from now on. `Infinity` lifts the limit. */
  setRate(bytesPerSecond: number): void {
    this.#bytesPerSecond = bytesPerSecond
  }

  /** Until all that was spent is paid for, in milliseconds. */
  get waitMs(): number {
    return Math.max(0, this.#paidAt - this.#clock.now())
  }

  /** Counts bytes that go now, whatever the wait. */
  spend(bytes: number): void {
    const start = Math.max(this.#paidAt, this.#clock.now() - this.#burstMs)
    this.#paidAt = start + (bytes / this.#bytesPerSecond) * 1000
  }

  /** Resolves when these bytes may go, or when `signal` aborts. */
  async take(bytes: number, signal?: AbortSignal): Promise<void> {
    this.spend(bytes)
    const { waitMs } = this
    if (waitMs > 0) await this.#clock.wait(waitMs, signal)
  }
}
