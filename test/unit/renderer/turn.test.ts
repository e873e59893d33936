import { expect, test } from 'vitest'
import { generateEventSchema, generateRequestSchema, type GenerateEvent } from '#contract/chat.ts'
import { SkeinError } from '#contract/errors.ts'
import { sessionIdSchema } from '#contract/peer.ts'
import {
  advanceTurn,
  beginTurn,
  failTurn,
  resumeTurn,
  toMessages,
  type Turn
} from '../../../src-renderer/features/chat/turn.ts'
import { fakeAnswer, fakeModel } from '#test/support/api/fake-answer.ts'

const request = generateRequestSchema.parse({ prompt: { kind: 'text', text: 'Hi' } })
const never = new AbortController().signal

async function events(...fake: Parameters<typeof fakeAnswer>): Promise<GenerateEvent[]> {
  const seen = await Array.fromAsync(fakeAnswer(...fake).answer(fakeModel, request, never))
  return seen.map((event) => generateEventSchema.parse(event))
}

test('an answer grows with its events and ends with its report', async () => {
  const all = await events(['Press ', 'pause.'])
  const turn = all.reduce(advanceTurn, beginTurn(1, 'How?'))
  expect(turn).toMatchObject({
    question: 'How?',
    answer: 'Press pause.',
    isRunning: false,
    finish: 'stop',
    report: { seed: 42 }
  })
  expect(turn.error).toBeUndefined()
})

test('an interrupted answer keeps its words and says why', async () => {
  const error = new SkeinError('peer-lost').toValue()
  const all = await events(['half '], { finish: 'interrupted', error })
  expect(all.reduce(advanceTurn, beginTurn(1, 'How?'))).toMatchObject({
    answer: 'half ',
    finish: 'interrupted',
    error: { code: 'peer-lost' }
  })
})

test('what the person stopped is no error; anything else is', () => {
  const turn = beginTurn(1, 'How?')
  expect(failTurn(turn, new SkeinError('cancelled').toValue())).toEqual({
    ...turn,
    isRunning: false,
    finish: 'cancelled'
  })
  expect(failTurn(turn, new SkeinError('no-chain').toValue())).toMatchObject({
    isRunning: false,
    error: { code: 'no-chain' }
  })
})

test('the model sees the questions that were answered, and the new one', () => {
  const answered = { ...beginTurn(1, 'One?'), answer: 'Yes.', isRunning: false }
  const refused = { ...beginTurn(2, 'Two?'), isRunning: false }
  expect(toMessages([answered, refused], 'Three?')).toEqual([
    { role: 'user', content: 'One?' },
    { role: 'assistant', content: 'Yes.' },
    { role: 'user', content: 'Three?' }
  ])
})

test('an answer says what it waits for, and can be resumed when it ends in vain', () => {
  const range = { first: 2, end: 4 }
  const resume = sessionIdSchema.parse('ab'.repeat(16))
  const error = new SkeinError('range-unserved').toValue()
  const begun = advanceTurn(beginTurn(1, 'How?'), { kind: 'text', text: 'half ', tokens: [] })
  const waiting = advanceTurn(begun, {
    kind: 'waiting',
    range,
    why: 'peer-lost',
    forMillis: 60_000
  })
  expect(waiting).toMatchObject({ answer: 'half ', repair: { kind: 'waiting', range } })
  expect(advanceTurn(waiting, { kind: 'healed', route: [] }).repair).toBeUndefined()

  const ended: Turn = { ...begun, isRunning: false, finish: 'interrupted', error, resume }
  const resumed = resumeTurn(ended)
  expect(resumed).toEqual({ ...begun, resumes: resume })
  const noChain = new SkeinError('no-chain').toValue()
  expect(failTurn(resumed, noChain, resume)).toMatchObject({ answer: 'half ', resume })
  const unknown = new SkeinError('resume-unknown').toValue()
  expect(failTurn(resumed, unknown, resume).resume).toBeUndefined()
})
