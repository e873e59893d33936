import { APIError } from 'openai'
import { expect, test } from 'vitest'
import { SkeinError } from '#contract/errors.ts'
import { question, startApi } from '#test/support/api/api-fixture.ts'
import { fakeAnswer, refusing } from '#test/support/api/fake-answer.ts'

const words = ['Press ', 'pause', '.']
const model = 'skein-tiny'

test('models are listed and shown by alias, key and name', async () => {
  const { client, base, token } = await startApi(fakeAnswer(words).answer)
  const models = await client.models.list()
  expect(models.data.map(({ id, object }) => ({ id, object }))).toEqual([
    { id: 'skein-tiny', object: 'model' }
  ])
  expect((await client.models.retrieve('ab'.repeat(32))).id).toBe('skein-tiny')
  const headers = { authorization: `Bearer ${token}` }
  expect((await fetch(`${base}/v1/models/gpt-9`, { headers })).status).toBe(404)
  expect((await fetch(`${base}/v1/embeddings`, { headers })).status).toBe(404)
})

test('a whole answer carries text, reason, usage and route', async () => {
  const { client } = await startApi(fakeAnswer(words).answer)
  const answer = await client.chat.completions.create({ model, messages: question })
  expect(answer).toMatchObject({
    object: 'chat.completion',
    model: 'skein-tiny',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: 'Press pause.' },
        logprobs: null,
        finish_reason: 'stop'
      }
    ],
    usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 },
    skein: { seed: 42, route: [{ range: { first: 0, end: 6 } }] }
  })
})

test('a stream carries the same text in pieces, then reason and usage', async () => {
  const { client } = await startApi(fakeAnswer(words, { finish: 'length' }).answer)
  const stream = await client.chat.completions.create({
    model,
    messages: question,
    stream: true,
    stream_options: { include_usage: true }
  })
  const pieces: (string | null | undefined)[] = []
  const reasons: (string | null | undefined)[] = []
  const usages: unknown[] = []
  for await (const chunk of stream) {
    pieces.push(chunk.choices[0]?.delta.content)
    reasons.push(chunk.choices[0]?.finish_reason)
    usages.push(chunk.usage)
  }
  expect(pieces).toEqual(['', 'Press ', 'pause', '.', undefined, undefined])
  expect(reasons).toEqual([null, null, null, null, 'length', undefined])
  expect(usages.slice(0, -1)).toEqual([null, null, null, null, null])
  expect(usages.at(-1)).toEqual({ prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 })
})

test('a stream is made of server-sent events and ends with [DONE]', async () => {
  const { post } = await startApi(fakeAnswer(words).answer)
  const response = await post('/chat/completions', { messages: question, stream: true })
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  const events = (await response.text()).split('\n\n')
  expect(events.slice(0, -1).every((event) => event.startsWith('data: '))).toBe(true)
  expect(events.slice(-2)).toEqual(['data: [DONE]', ''])
})

test('every parameter reaches the request in our words', async () => {
  const fake = fakeAnswer(words)
  const { post } = await startApi(fake.answer)
  const response = await post('/chat/completions', {
    model,
    messages: [
      { role: 'developer', content: 'Be brief.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Hi' },
          { type: 'text', text: ' there' }
        ]
      }
    ],
    stop: ['\n', 'END'],
    temperature: 0,
    top_p: 0.5,
    top_k: 7,
    min_p: 0.1,
    seed: 99,
    frequency_penalty: 0.25,
    presence_penalty: -0.5,
    repetition_penalty: 1.25,
    max_tokens: 5,
    max_completion_tokens: 6,
    logprobs: true,
    top_logprobs: 2,
    user: 'me',
    metadata: { a: 'b' },
    store: false,
    n: 1,
    tools: [],
    response_format: { type: 'text' },
    logit_bias: null
  })
  expect(response.status).toBe(200)
  expect(fake.requests).toEqual([
    {
      model,
      prompt: {
        kind: 'chat',
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'Hi there' }
        ]
      },
      sampling: {
        temperature: 0,
        topP: 0.5,
        topK: 7,
        minP: 0.1,
        seed: 99,
        frequencyPenalty: 0.25,
        presencePenalty: -0.5,
        repeatPenalty: 1.25,
        penaltyLastTokens: 64
      },
      stop: ['\n', 'END'],
      maxTokens: 6,
      topLogprobs: 2,
      dtype: 'float16',
      replay: 'exact',
      waitMillis: 60_000
    }
  ])
})

test('one stop string and repeat_penalty are taken too', async () => {
  const fake = fakeAnswer(words)
  const { post } = await startApi(fake.answer)
  await post('/chat/completions', { messages: question, stop: '!', repeat_penalty: 1.5 })
  expect(fake.requests[0]).toMatchObject({ stop: ['!'], sampling: { repeatPenalty: 1.5 } })
})

test('log-probabilities come with their alternatives', async () => {
  const { client } = await startApi(fakeAnswer(['é']).answer)
  const answer = await client.chat.completions.create({
    model,
    messages: question,
    logprobs: true,
    top_logprobs: 1
  })
  const entry = { token: 'é', bytes: [0xc3, 0xa9], logprob: -0.5 }
  expect(answer.choices[0]?.logprobs?.content).toEqual([{ ...entry, top_logprobs: [entry] }])
})

test.each([
  ['n', 2],
  ['tools', [{ type: 'function', function: { name: 'f' } }]],
  ['tool_choice', 'required'],
  ['response_format', { type: 'json_object' }],
  ['logit_bias', { 5: 10 }],
  ['audio', { voice: 'alloy', format: 'wav' }],
  ['modalities', ['text', 'audio']],
  ['reasoning_effort', 'high'],
  ['web_search_options', {}],
  ['made_up_parameter', true]
])('%s is refused by name: leaving it out silently would be a lie', async (name, value) => {
  const fake = fakeAnswer(words)
  const { post } = await startApi(fake.answer)
  const response = await post('/chat/completions', { messages: question, [name]: value })
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({
    error: { code: 'parameter-unsupported', param: name, type: 'invalid_request_error' }
  })
  expect(fake.requests).toEqual([])
})

test.each([
  ['temperature', { temperature: 9 }, 'temperature'],
  ['top_k out of range', { top_k: 1000 }, 'top_k'],
  ['max_tokens 0', { max_tokens: 0 }, 'max_tokens'],
  ['no messages', { messages: [] }, 'messages'],
  ['a message without content', { messages: [{ role: 'user' }] }, 'messages.0.content'],
  ['top_logprobs 21', { logprobs: true, top_logprobs: 21 }, 'top_logprobs'],
  ['an empty stop string', { stop: [''] }, 'stop.0'],
  [
    'an image',
    { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] }] },
    'messages.0.content'
  ]
])('invalid input names the parameter: %s', async (_name, part, param) => {
  const { post } = await startApi(fakeAnswer(words).answer)
  const response = await post('/chat/completions', { messages: question, ...part })
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ error: { code: 'invalid-input', param } })
})

test.each(['{"messages": [', '', '[]', '"text"', 'null'])(
  'a body that is %s is refused',
  async (body) => {
    const { post } = await startApi(fakeAnswer(words).answer)
    const response = await post('/chat/completions', body)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: { code: 'invalid-input' } })
  }
)

test('a body over the limit is refused', async () => {
  const { post } = await startApi(fakeAnswer(words).answer)
  const response = await post('/chat/completions', {
    messages: [{ role: 'user', content: 'x'.repeat(17 * 1024 * 1024) }]
  })
  expect(response.status).toBe(413)
  expect(await response.json()).toMatchObject({ error: { code: 'request-too-large' } })
})

test('an unknown model is refused by the official client’s error', async () => {
  const { client } = await startApi(fakeAnswer(words).answer)
  const failed = await client.chat.completions
    .create({ model: 'gpt-9', messages: question })
    .catch((error: unknown) => error)
  expect(failed).toBeInstanceOf(APIError)
  expect(failed).toMatchObject({ status: 404, code: 'model-unknown' })
})

test.each([
  ['prompt-too-long', 400],
  ['no-chain', 503],
  ['engine-crashed', 500]
] as const)(
  'what fails before the first token is an HTTP error, streaming or not: %s',
  async (code, status) => {
    const { post } = await startApi(refusing(new SkeinError(code)))
    for (const stream of [false, true]) {
      const response = await post('/chat/completions', { messages: question, stream })
      expect(response.status).toBe(status)
      expect(await response.json()).toMatchObject({ error: { code } })
    }
  }
)

test('an empty prompt is refused', async () => {
  const { post } = await startApi(fakeAnswer(words).answer)
  const response = await post('/chat/completions', { messages: [{ role: 'user', content: ' ' }] })
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ error: { code: 'prompt-empty' } })
})
