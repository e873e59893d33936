import { APIError } from 'openai'
import { expect, test } from 'vitest'
import type { Answer } from '#chat/chat.ts'
import { SkeinError } from '#contract/errors.ts'
import { question, startApi } from '#test/support/api/api-fixture.ts'
import { fakeAnswer, type FakeEnd } from '#test/support/api/fake-answer.ts'

const words = ['half ', 'an answer']
const model = 'skein-tiny'

const interruptions: [string, FakeEnd][] = [
  ['said by the answer', { finish: 'interrupted', error: new SkeinError('peer-lost').toValue() }],
  ['thrown midway', { throws: new SkeinError('peer-lost') }]
]

test.each(interruptions)(
  'an interrupted answer is an error with its text so far: %s',
  async (_name, end) => {
    const { post } = await startApi(fakeAnswer(words, end).answer)
    const response = await post('/chat/completions', { messages: question })
    expect(response.status).toBe(502)
    expect(response.headers.get('x-should-retry')).toBe('false')
    const body: unknown = await response.json()
    expect(body).toMatchObject({
      error: {
        code: 'answer-interrupted',
        type: 'server_error',
        finish_reason: 'interrupted',
        partial: { text: 'half an answer' }
      }
    })
    expect(JSON.stringify(body)).toContain('peer-lost')
  }
)

test.each(interruptions)(
  'an interrupted stream says so, and the official client throws: %s',
  async (_name, end) => {
    const { client } = await startApi(fakeAnswer(words, end).answer)
    const stream = await client.chat.completions.create({ model, messages: question, stream: true })
    const reasons: unknown[] = []
    const failed = await (async () => {
      for await (const chunk of stream) reasons.push(chunk.choices[0]?.finish_reason)
      return undefined
    })().catch((error: unknown) => error)
    expect(failed).toBeInstanceOf(APIError)
    expect(failed).toMatchObject({ code: 'answer-interrupted' })
    expect(reasons.at(-1)).toBe('interrupted')
    expect(reasons).not.toContain('stop')
  }
)

test.each([true, false])('a client that leaves cancels the work (stream: %s)', async (stream) => {
  const fake = fakeAnswer(words, 'hangs')
  const { post } = await startApi(fake.answer)
  const leaving = new AbortController()
  const asked = post('/chat/completions', { messages: question, stream }, leaving.signal)
  if (stream) {
    const reader = (await asked).body?.getReader()
    await reader?.read()
    leaving.abort()
    await reader?.closed.catch(() => undefined)
  } else {
    while (fake.requests.length === 0) await new Promise(setImmediate)
    leaving.abort()
    await expect(asked).rejects.toThrow()
  }
  await fake.cancelled
})

test('closing the server cancels the work too', async () => {
  const fake = fakeAnswer(words, 'hangs')
  const { post, close } = await startApi(fake.answer)
  const response = await post('/chat/completions', { messages: question, stream: true })
  await close()
  await fake.cancelled
  await expect(response.text()).rejects.toThrow()
})

test('many answers at once', async () => {
  const { client } = await startApi(fakeAnswer(words).answer)
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => client.chat.completions.create({ model, messages: question }))
  )
  expect(new Set(answers.map((answer) => answer.choices[0]?.message.content))).toEqual(
    new Set(['half an answer'])
  )
  expect(new Set(answers.map((answer) => answer.id)).size).toBe(20)
})

test('a reader that pauses pauses the answer: nothing piles up', async () => {
  const piece = 'x'.repeat(64 * 1024)
  let made = 0
  const endless: Answer = async function* (model, request, signal) {
    const [route] = await Array.fromAsync(fakeAnswer([]).answer(model, request, signal))
    if (route !== undefined) yield route
    for (;;) {
      made++
      yield { kind: 'text', text: piece, tokens: [] }
    }
  }
  const { client, post } = await startApi(endless)
  const response = await post('/chat/completions', { messages: question, stream: true })
  const reader = response.body?.getReader()
  await reader?.read()
  // The server has time for others meanwhile, and would have had it for megabytes of answer.
  for (let asked = 0; asked < 40; asked++) await client.models.list()
  expect(made).toBeLessThan(500)
  await reader?.cancel()
})
