/** Waits before each restart of an engine that crashed; after the last one the stage is given up. */
const delaysMs = [500, 2_000, 10_000] as const
/** An engine that ran this long starts afresh. */
const stableMs = 5 * 60_000

/** How long to wait before the next start of a stage's engine. Time is the caller's, in milliseconds. */
export class RestartDelay {
  #failures = 0

  /** `ranMs`: how long the engine ran before it stopped. `undefined` when it shall not start again. */
  next(ranMs: number): number | undefined {
    if (ranMs >= stableMs) this.#failures = 0
    return delaysMs[this.#failures++]
  }
}
