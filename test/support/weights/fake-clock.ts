import type { Clock } from '#weights/byte-bucket.ts'

interface Waiter {
  readonly at: number
  readonly wake: () => void
}

/** Time that only passes when a test says so. */
export class FakeClock implements Clock {
  #now = 0
  #waiters: Waiter[] = []

  now(): number {
    return this.#now
  }

  wait(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) return resolve()
      const waiter = { at: this.#now + ms, wake: resolve }
      this.#waiters.push(waiter)
      signal?.addEventListener('abort', () => {
        this.#waiters = this.#waiters.filter((it) => it !== waiter)
        resolve()
      })
    })
  }

  /** Lets time pass, from one waiter to the next, so that each sees its own moment. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    await settle()
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#waiters = this.#waiters.filter((it) => it !== next)
      this.#now = next.at
      next.wake()
      await settle()
    }
    this.#now = end
  }

  #next(end: number): Waiter | undefined {
    const due = this.#waiters.filter((waiter) => waiter.at <= end)
    return due.toSorted((a, b) => a.at - b.at)[0]
  }
}

/** Lets everything that waits for nothing but promises go on. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
