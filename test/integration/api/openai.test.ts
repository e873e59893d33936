import OpenAI from 'openai'
import { beforeAll, expect, test } from 'vitest'
import { useNode } from '#test/support/node/start-node.ts'

const model = 'skein-tiny'
const messages = [{ role: 'user' as const, content: 'What is Skein?' }]

const node = useNode()
let client: OpenAI
beforeAll(() => {
  const { port = 0, token = '' } = node().api ?? {}
  client = new OpenAI({ baseURL: `http://127.0.0.1:${port}/v1`, apiKey: token, maxRetries: 0 })
})

test('chat: whole and streamed answers are the same text, token by token counted', async () => {
  const whole = await client.chat.completions.create({ model, messages, temperature: 0 })
  const text = whole.choices[0]?.message.content ?? ''
  expect(whole.choices[0]?.finish_reason).toBe('stop')
  expect(text.length).toBeGreaterThan(10)

  const stream = await client.chat.completions.create({
    model,
    messages,
    temperature: 0,
    stream: true,
    stream_options: { include_usage: true }
  })
  let streamed = ''
  let usage: unknown
  for await (const chunk of stream) {
    streamed += chunk.choices[0]?.delta.content ?? ''
    usage = chunk.usage ?? usage
  }
  expect(streamed).toBe(text)
  expect(usage).toEqual(whole.usage)
})

test('the same seed gives the same answer', async () => {
  const ask = async (seed: number): Promise<string | null | undefined> => {
    // As good as no preference among the candidates: another seed cannot but give other words.
    const wild = { temperature: 5, top_p: 1, top_k: 0, min_p: 0 }
    const asked = { model, messages, seed, max_completion_tokens: 24, ...wild }
    return (await client.chat.completions.create(asked)).choices[0]?.message.content
  }
  const [first, again, other] = [await ask(7), await ask(7), await ask(8)]
  expect(again).toBe(first)
  expect(other).not.toBe(first)
})

test('max_tokens cuts an answer, and says so', async () => {
  const answer = await client.chat.completions.create({ model, messages, max_completion_tokens: 3 })
  expect(answer.choices[0]?.finish_reason).toBe('length')
  expect(answer.usage?.completion_tokens).toBe(3)
})

test('a stop string ends an answer before itself', async () => {
  const asked = { model, messages, temperature: 0 }
  const whole = await client.chat.completions.create(asked)
  const text = whole.choices[0]?.message.content ?? ''
  const stop = text.slice(6, 10)
  const cut = await client.chat.completions.create({ ...asked, stop })
  expect(cut.choices[0]).toMatchObject({
    finish_reason: 'stop',
    message: { content: text.slice(0, text.indexOf(stop)) }
  })
})

test('log-probabilities: the greedy token is its own best alternative', async () => {
  const answer = await client.chat.completions.create({
    model,
    messages,
    temperature: 0,
    max_completion_tokens: 5,
    logprobs: true,
    top_logprobs: 3
  })
  const content = answer.choices[0]?.logprobs?.content ?? []
  expect(content).toHaveLength(5)
  for (const entry of content) {
    expect(entry.top_logprobs).toHaveLength(3)
    expect(entry.top_logprobs[0]).toMatchObject({ token: entry.token, logprob: entry.logprob })
    const total = entry.top_logprobs.reduce((sum, top) => sum + Math.exp(top.logprob), 0)
    expect(total).toBeGreaterThan(0)
    expect(total).toBeLessThanOrEqual(1.001)
  }
})

test('completions go on with a text, without a chat template', async () => {
  const answer = await client.completions.create({ model, prompt: 'Skein is', max_tokens: 8 })
  expect(answer.choices[0]?.text.length).toBeGreaterThan(0)
  expect(answer.usage?.completion_tokens).toBeLessThanOrEqual(8)
})

test('a prompt longer than the context is refused before any work', async () => {
  const long = [{ role: 'user' as const, content: 'word '.repeat(5000) }]
  const failed = await client.chat.completions
    .create({ model, messages: long })
    .catch((error: unknown) => error)
  expect(failed).toMatchObject({ status: 400, code: 'prompt-too-long' })
})

test('a client that leaves frees the stage at once', async () => {
  const stream = await client.chat.completions.create({ model, messages, stream: true })
  for await (const chunk of stream) if (chunk.choices[0]?.delta.content !== '') break
  const status = node().control.stream('status.watch', {}, AbortSignal.any([]))
  for await (const { stages } of status) if (stages.every((stage) => stage.sessions === 0)) break
  const answer = await client.chat.completions.create({ model, messages, max_completion_tokens: 2 })
  expect(answer.usage?.completion_tokens).toBe(2)
})
