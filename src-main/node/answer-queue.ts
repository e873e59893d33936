import type { GenerateEvent } from '#contract/chat.ts'
import { SkeinError } from '#contract/errors.ts'
import { unlessAborted } from './unless-aborted.ts'

/**
 * Lets answers wait for each other: one that finds all stages full begins when another one ends. When none of ours is
 * running, the places are taken by other peers, and who asked is told.
 */
export class AnswerQueue {
  #running = 0
  #onEnd = Promise.withResolvers<undefined>()

  /** `begin` is called again for each try; it throws `stage-full` before its first event. */
  async *run(
    begin: () => AsyncIterable<GenerateEvent>,
    signal: AbortSignal
  ): AsyncGenerator<GenerateEvent, void> {
    for (;;) {
      const anEnd = this.#onEnd.promise
      const events = begin()[Symbol.asyncIterator]()
      let next: IteratorResult<GenerateEvent, unknown>
      try {
        next = await events.next()
      } catch (thrown) {
        const isFull = thrown instanceof SkeinError && thrown.code === 'stage-full'
        if (!isFull || this.#running === 0) throw thrown
        await unlessAborted(anEnd, signal)
        continue
      }
      yield* this.#finish(next, events)
      return
    }
  }

  async *#finish(
    first: IteratorResult<GenerateEvent, unknown>,
    events: AsyncIterator<GenerateEvent, unknown>
  ): AsyncGenerator<GenerateEvent, void> {
    this.#running++
    try {
      for (let next = first; next.done !== true; next = await events.next()) yield next.value
    } finally {
      await events.return?.()
      this.#running--
      this.#onEnd.resolve(undefined)
      this.#onEnd = Promise.withResolvers()
    }
  }
}
