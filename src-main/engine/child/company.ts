/** Longest wait for sessions that are likely to come. */
const mostMillis = 6
/** The same, as a share of the last call: a call for them alone would cost more. */
const shareOfCall = 0.3
/** A wait shorter than a timer's grain is none. */
const leastMillis = 1
/** Most calls from a wait that brought nobody to the next try. */
const mostRestCalls = 16

/**
 * The sessions that compute together. A call over eight rows takes four times as long as over one, not eight times; but
 * sessions come back from their way through the chain a few milliseconds apart, and a call that began with the first of them would
 * leave the others behind for good, in small calls of their own. So a call waits a little for those of the last two
 * calls; where they do not come, because another stage has them meanwhile, it waits ever more rarely.
 */
export class Company {
  #last: ReadonlySet<number> = new Set()
  #before: ReadonlySet<number> = new Set()
  #lastMillis = 0
  /** Calls to the next try, and how many it will be after another wait in vain. */
  #restCalls = 0
  #nextRest = 1

  /** How many milliseconds to wait before a call over `present`; 0 for not at all. */
  patience(present: ReadonlySet<number>): number {
    if (this.#restCalls > 0 || this.isComplete(present)) return 0
    const millis = Math.min(mostMillis, shareOfCall * this.#lastMillis)
    return millis < leastMillis ? 0 : millis
  }

  isComplete(present: ReadonlySet<number>): boolean {
    return [...this.#last, ...this.#before].every((slot) => present.has(slot))
  }

  /** Tells whether a wait brought anyone. */
  waited(broughtSome: boolean): void {
    this.#restCalls = broughtSome ? 0 : this.#nextRest
    this.#nextRest = broughtSome ? 1 : Math.min(mostRestCalls, 2 * this.#nextRest)
  }

  called(slots: readonly number[], millis: number): void {
    this.#before = this.#last
    this.#last = new Set(slots)
    this.#lastMillis = millis
    if (this.#restCalls > 0) this.#restCalls -= 1
  }

  /** Its session has ended: nobody waits for it. */
  left(slot: number): void {
    const without = (slots: ReadonlySet<number>): Set<number> =>
      new Set([...slots].filter((other) => other !== slot))
    this.#last = without(this.#last)
    this.#before = without(this.#before)
  }
}
