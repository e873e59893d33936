export interface BackoffOptions {
  /** Before the first restart; doubles with each that follows. */
  readonly firstMs: number
  readonly mostMs: number
  /** Restarts in a row after which it gives up. */
  readonly attempts: number
  /** A process that lived this long counts as sound: the row begins anew. */
  readonly soundAfterMs: number
}

const backoffDefaults: BackoffOptions = {
  firstMs: 500,
  mostMs: 60_000,
  attempts: 5,
  soundAfterMs: 300_000
}

/** When to start a crashed process again: pure, with the clock and the jitter (0 to 1) given. */
export class RestartBackoff {
  readonly #options: BackoffOptions
  #inRow = 0

  constructor(options: BackoffOptions = backoffDefaults) {
    this.#options = options
  }

  /** Milliseconds to wait after a process that lived `livedMs`, or `undefined` to give up. */
  next(livedMs: number, jitter: number): number | undefined {
    const { firstMs, mostMs, attempts, soundAfterMs } = this.#options
    if (livedMs >= soundAfterMs) this.#inRow = 0
    if (this.#inRow >= attempts) return undefined
    const full = Math.min(mostMs, firstMs * 2 ** this.#inRow)
    this.#inRow++
    // Half of it is fixed, so that a crash never loops at once; half spreads peers that crashed together.
    return full / 2 + (full / 2) * jitter
  }
}
