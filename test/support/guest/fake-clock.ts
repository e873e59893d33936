import type { ReaderClock } from '#signals/signal-reader.ts'

interface Timer {
  readonly at: number
  readonly work: () => void
}

/** Time that a test owns. */
export class FakeClock implements ReaderClock {
  readonly #timers = new Set<Timer>()
  #now = 0

  now(): number {
    return this.#now
  }

  after(millis: number, work: () => void): () => void {
    const timer = { at: this.#now + millis, work }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** Lets time pass, timer by timer, and what they began come to rest. */
  async advance(millis: number): Promise<void> {
    const end = this.#now + millis
    await rest()
    for (;;) {
      const due = [...this.#timers].filter(({ at }) => at <= end)
      const next = due.reduce<Timer | undefined>(
        (a, b) => (a === undefined || b.at < a.at ? b : a),
        undefined
      )
      if (next === undefined) break
      this.#timers.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.work()
      await rest()
    }
    this.#now = end
  }

  /** Time passes and nothing happens, as when a computer sleeps. */
  jump(millis: number): void {
    this.#now += millis
  }
}

/** Promises that are about to settle have settled. */
async function rest(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve))
}
