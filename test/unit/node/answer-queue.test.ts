import { expect, test } from 'vitest'
import type { GenerateEvent } from '#contract/chat.ts'
import { SkeinError } from '#contract/errors.ts'
import { AnswerQueue } from '../../../src-main/node/answer-queue.ts'

const never = AbortSignal.any([])
const event: GenerateEvent = { kind: 'prefill', done: 1, total: 1 }

/** Places for so many answers; each ends when it is told to. */
function stage(places: number) {
  let taken = 0
  let refusals = 0
  const begin = (end: Promise<unknown>) =>
    async function* (): AsyncGenerator<GenerateEvent, void> {
      if (taken === places) {
        refusals++
        throw new SkeinError('stage-full')
      }
      taken++
      try {
        yield event
        await end
      } finally {
        taken--
      }
    }
  return { begin, refusals: () => refusals, taken: () => taken }
}

test('an answer that finds all places taken begins when another one ends', async () => {
  const { begin, refusals } = stage(1)
  const queue = new AnswerQueue()
  const end = Promise.withResolvers<undefined>()
  const first = queue.run(begin(end.promise), never)
  await first.next()
  const second = Array.fromAsync(queue.run(begin(Promise.resolve()), never))
  while (refusals() === 0) await Promise.resolve()
  end.resolve(undefined)
  await first.next()
  expect(await second).toEqual([event])
})

test('an answer whose reader leaves makes room too', async () => {
  const { begin, refusals, taken } = stage(1)
  const queue = new AnswerQueue()
  const first = queue.run(begin(Promise.resolve()), never)
  await first.next()
  const second = Array.fromAsync(queue.run(begin(Promise.resolve()), never))
  while (refusals() === 0) await Promise.resolve()
  await first.return()
  expect(await second).toEqual([event])
  expect(taken()).toBe(0)
})

test('when other peers hold all places, who asks is told', async () => {
  const { begin } = stage(0)
  const asked = new AnswerQueue().run(begin(Promise.resolve()), never)
  await expect(asked.next()).rejects.toMatchObject({ code: 'stage-full' })
})

test('who waits may leave', async () => {
  const { begin, refusals } = stage(1)
  const queue = new AnswerQueue()
  const first = queue.run(begin(Promise.resolve()), never)
  await first.next()
  const leaving = new AbortController()
  const second = queue.run(begin(Promise.resolve()), leaving.signal).next()
  while (refusals() === 0) await Promise.resolve()
  leaving.abort()
  await expect(second).rejects.toMatchObject({ code: 'cancelled' })
})

test('any other error is passed on', async () => {
  const queue = new AnswerQueue()
  // eslint-disable-next-line require-yield
  async function* refuse(): AsyncGenerator<GenerateEvent, void> {
    await Promise.resolve()
    throw new SkeinError('no-chain')
  }
  await expect(queue.run(refuse, never).next()).rejects.toMatchObject({ code: 'no-chain' })
})
