import createTestnet from 'hyperdht/testnet.js'
import OpenAI from 'openai'
import { expect, onTestFinished, test } from 'vitest'
import type { NodeNetwork, SkeinNode } from '#node'
import { startNode } from '#test/support/node/start-node.ts'

const model = 'skein-tiny'
const messages = [{ role: 'user' as const, content: 'What is Skein?' }]
const never = AbortSignal.any([])

/** Two peers on a loopback DHT, each with half of the layers; the first one is asked. */
async function startPair(): Promise<{ asked: SkeinNode; other: SkeinNode; client: OpenAI }> {
  const testnet = await createTestnet(3)
  onTestFinished(() => testnet.destroy())
  const network: NodeNetwork = {
    topic: Buffer.alloc(32, 7),
    address: { bootstrap: testnet.bootstrap, host: '127.0.0.1' }
  }
  const other = await startNode({ network, range: { first: 3, end: 6 } })
  await other.control.call('settings.set', { name: 'lending', value: true }, never)
  const asked = await startNode({ network, range: { first: 0, end: 3 } })
  await Promise.all([other.ready, asked.ready])
  const { port = 0, token = '' } = asked.api ?? {}
  const baseURL = `http://127.0.0.1:${port}/v1`
  await stagesOf(asked, 2)
  return { asked, other, client: new OpenAI({ baseURL, apiKey: token, maxRetries: 0 }) }
}

/** Resolves when a peer knows of so many stages, its own among them. */
async function stagesOf(node: SkeinNode, count: number): Promise<void> {
  const { swarm } = node
  await new Promise<void>((resolve) => {
    const check = (): void => {
      if (swarm.stages().length >= count) resolve()
    }
    swarm.onChange(check)
    check()
  })
}

async function sessionsEnd(node: SkeinNode): Promise<void> {
  for await (const { stages } of node.control.stream('status.watch', {}, never)) {
    if (stages.every((stage) => stage.sessions === 0)) return
  }
}

test('the official client is answered through two peers with the whole model’s words', async () => {
  const { client } = await startPair()
  const asked = { model, messages, temperature: 0 }
  const answer = await client.chat.completions.create(asked)
  expect(answer).toMatchObject({
    choices: [{ finish_reason: 'stop' }],
    skein: {
      route: [
        { range: { first: 0, end: 3 }, isLocal: true },
        { range: { first: 3, end: 6 }, isLocal: false }
      ]
    }
  })
  const alone = await startNode()
  const { port = 0, token = '' } = alone.api ?? {}
  const single = new OpenAI({ baseURL: `http://127.0.0.1:${port}/v1`, apiKey: token })
  const whole = await single.chat.completions.create(asked)
  expect(answer.choices[0]?.message.content).toBe(whole.choices[0]?.message.content)
})

test('a client that leaves frees the stages of all peers', async () => {
  const { asked, other, client } = await startPair()
  const stream = await client.chat.completions.create({ model, messages, stream: true })
  for await (const chunk of stream) if (chunk.choices[0]?.delta.content !== '') break
  await Promise.all([sessionsEnd(asked), sessionsEnd(other)])
})

test('a peer that does not lend serves nobody, though it is connected', async () => {
  const { client, other } = await startPair()
  await other.control.call('settings.set', { name: 'lending', value: false }, never)
  const failed = await client.chat.completions
    .create({ model, messages })
    .catch((error: unknown) => error)
  expect(failed).toMatchObject({ status: 503 })
})
