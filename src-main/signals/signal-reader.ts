import type { Reading, SignalName, SignalValues, UnavailableReason } from '#contract/signals.ts'
import { Unavailable, type SignalSource } from './signal-source.ts'

/** Longest wait for an answer. */
const limitMs = 2000
/** An answer may be so many periods old, and so much more, before it is no answer any more. */
const stalePeriods = 3

/** When to act, injected so that tests own time. Milliseconds, monotonic. */
export interface ReaderClock {
  now(): number
  /** Calls `work` after `millis`; returns what calls it off. */
  after(millis: number, work: () => void): () => void
}

export const realClock: ReaderClock = {
  now: () => performance.now(),
  after: (millis, work) => {
    const timer = setTimeout(work, millis)
    timer.unref()
    return () => clearTimeout(timer)
  }
}

export interface ReaderOptions<Value> {
  /** What can be believed of a value; `undefined`: nothing, for the reason that it names. */
  readonly check: (value: Value) => Value | UnavailableReason
  readonly clock: ReaderClock
  readonly onChange: () => void
}

/**
 * Keeps one signal: asks its source again and again, with a time limit, and knows how old the last answer is. A source that hangs is not
 * asked twice at once, and hurts nobody else.
 */
export class SignalReader<Name extends SignalName> {
  readonly #source: SignalSource<Name>
  readonly #options: ReaderOptions<SignalValues[Name]>
  readonly #stop = new AbortController()
  #reading: Reading<SignalValues[Name]>
  #isAsking = false
  #cancelNext: () => void = () => undefined

  constructor(source: SignalSource<Name>, options: ReaderOptions<SignalValues[Name]>) {
    this.#source = source
    this.#options = options
    this.#reading = { kind: 'unavailable', reason: 'starting', source: source.source }
  }

  start(): void {
    this.#source.watch?.(() => void this.ask())
    void this.ask()
  }

  current(): Reading<SignalValues[Name]> {
    const reading = this.#reading
    if (reading.kind === 'unavailable') return reading
    const age = this.#options.clock.now() - reading.readAt
    const isStale = age > this.#source.everyMs * stalePeriods + limitMs
    return isStale ? { kind: 'unavailable', reason: 'stale', source: reading.source } : reading
  }

  /** Asks now, unless it is asking. */
  async ask(): Promise<void> {
    if (this.#isAsking || this.#isClosed()) return
    this.#isAsking = true
    this.#cancelNext()
    const limit = Promise.withResolvers<never>()
    const asked = new AbortController()
    const cancelLimit = this.#options.clock.after(limitMs, () => {
      this.#set({ kind: 'unavailable', reason: 'timed-out', source: this.#source.source })
      limit.reject(new Unavailable('timed-out'))
      asked.abort()
    })
    // Where the source goes on hanging, it is asked again when it has ended at last.
    const answer = this.#source.read(AbortSignal.any([asked.signal, this.#stop.signal]))
    try {
      this.#accept(await Promise.race([answer, limit.promise]))
    } catch (error) {
      this.#refuse(error)
    } finally {
      cancelLimit()
      limit.promise.catch(() => undefined)
    }
    await answer.catch(() => undefined)
    this.#isAsking = false
    if (!this.#isClosed()) {
      this.#cancelNext = this.#options.clock.after(this.#source.everyMs, () => void this.ask())
    }
  }

  close(): void {
    this.#stop.abort()
    this.#cancelNext()
    this.#source.close?.()
  }

  #isClosed(): boolean {
    return this.#stop.signal.aborted
  }

  #accept(value: SignalValues[Name]): void {
    const believed = this.#options.check(value)
    const { source } = this.#source
    if (isReason(believed)) this.#set({ kind: 'unavailable', reason: believed, source })
    else this.#set({ kind: 'value', value: believed, readAt: this.#options.clock.now(), source })
  }

  #refuse(error: unknown): void {
    const reason = error instanceof Unavailable ? error.reason : 'failed'
    this.#set({ kind: 'unavailable', reason, source: this.#source.source })
  }

  #set(reading: Reading<SignalValues[Name]>): void {
    if (this.#isClosed()) return
    this.#reading = reading
    this.#options.onChange()
  }
}

function isReason(believed: unknown): believed is UnavailableReason {
  return believed === 'implausible' || believed === 'stuck'
}
