import { expect, test } from 'vitest'
import { startApi } from '#test/support/api/api-fixture.ts'
import { fakeAnswer } from '#test/support/api/fake-answer.ts'

const words = ['one ', 'two']
const model = 'skein-tiny'

test('a whole completion', async () => {
  const fake = fakeAnswer(words)
  const { client } = await startApi(fake.answer)
  const answer = await client.completions.create({ model, prompt: 'Count:' })
  expect(answer).toMatchObject({
    object: 'text_completion',
    choices: [{ index: 0, text: 'one two', logprobs: null, finish_reason: 'stop' }],
    usage: { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 }
  })
  expect(fake.requests).toMatchObject([{ prompt: { kind: 'text', text: 'Count:' }, maxTokens: 16 }])
})

test('a streamed completion with log-probabilities and the place of each token', async () => {
  const { client } = await startApi(fakeAnswer(words).answer)
  const stream = await client.completions.create({
    model,
    prompt: ['Count:'],
    stream: true,
    logprobs: 1
  })
  const seen: unknown[] = []
  for await (const chunk of stream) seen.push(chunk.choices[0])
  expect(seen).toEqual([
    {
      index: 0,
      text: 'one ',
      logprobs: {
        tokens: ['one '],
        token_logprobs: [-0.5],
        top_logprobs: [{ 'one ': -0.5 }],
        text_offset: [0]
      },
      finish_reason: null
    },
    {
      index: 0,
      text: 'two',
      logprobs: {
        tokens: ['two'],
        token_logprobs: [-0.5],
        top_logprobs: [{ two: -0.5 }],
        text_offset: [4]
      },
      finish_reason: null
    },
    { index: 0, text: '', logprobs: null, finish_reason: 'stop' }
  ])
})

test.each([
  ['best_of', { best_of: 3 }, 'parameter-unsupported', 'best_of'],
  ['echo', { echo: true }, 'parameter-unsupported', 'echo'],
  ['suffix', { suffix: 'end' }, 'parameter-unsupported', 'suffix'],
  ['several prompts', { prompt: ['a', 'b'] }, 'invalid-input', 'prompt'],
  ['tokens as prompt', { prompt: [1, 2] }, 'invalid-input', 'prompt'],
  ['no prompt', { prompt: undefined }, 'invalid-input', 'prompt'],
  ['messages', { messages: [] }, 'parameter-unsupported', 'messages']
])('refused by name: %s', async (_name, part, code, param) => {
  const { post } = await startApi(fakeAnswer(words).answer)
  const response = await post('/completions', { prompt: 'Count:', ...part })
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ error: { code, param } })
})
