import type { SharedCores } from './shared-cores.ts'

/** A smaller share would make one step of a chain last longer than its coordinator waits. */
const leastShare = 0.02
/** Longest pause after one call: a change of the share is felt within this time, also after a long call at a small one. */
const longestPauseMillis = 5000

/** When to act, injected so that tests own time. Milliseconds, monotonic. */
export interface DutyTiming {
  now(): number
  /** Returns what calls it off. */
  after(millis: number, work: () => void): () => void
}

const realTiming: DutyTiming = {
  now: () => performance.now(),
  after: (millis, work) => {
    const timer = setTimeout(work, millis)
    return () => clearTimeout(timer)
  }
}

/**
 * Cores, or a GPU, that may be used for a share of the time only: after each call comes a pause that makes the call that share of both. So
 * power and heat follow the share within one call, and no call is cut.
 */
export class DutyCores implements SharedCores {
  readonly #inner: SharedCores
  readonly #timing: DutyTiming
  #share = 1
  #takenAt: number | undefined
  /** The last call. */
  #endedAt = 0
  #lastedMillis = 0
  #asked: (() => void) | undefined
  #endPause: (() => void) | undefined

  constructor(inner: SharedCores, timing: DutyTiming = realTiming) {
    this.#inner = inner
    this.#timing = timing
  }

  /** Share of the time, 0 to 1; who is in a pause now waits by the new one. */
  setShare(share: number): void {
    this.#share = Math.min(1, Math.max(leastShare, share))
    const asked = this.#asked
    if (asked === undefined) return
    this.#endPause?.()
    this.take(asked)
  }

  take(granted: () => void): void {
    this.#asked = granted
    const pause = this.#endedAt + this.#pauseMillis() - this.#timing.now()
    if (pause > 0) this.#endPause = this.#timing.after(pause, () => this.#takeInner(granted))
    else this.#takeInner(granted)
  }

  release(): void {
    this.#endPause?.()
    this.#endPause = undefined
    this.#asked = undefined
    this.#inner.release()
    if (this.#takenAt === undefined) return
    this.#endedAt = this.#timing.now()
    this.#lastedMillis = this.#endedAt - this.#takenAt
    this.#takenAt = undefined
  }

  #takeInner(granted: () => void): void {
    this.#asked = undefined
    this.#endPause = undefined
    this.#inner.take(() => {
      this.#takenAt = this.#timing.now()
      granted()
    })
  }

  #pauseMillis(): number {
    return Math.min(longestPauseMillis, this.#lastedMillis * (1 / this.#share - 1))
  }
}
