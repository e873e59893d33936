import createTestnet from 'hyperdht/testnet.js'
import { expect, onTestFinished, test } from 'vitest'
import type { SkeinNode } from '#node'
import { generateRequestSchema } from '#contract/chat.ts'
import type { LayerRange } from '#contract/model.ts'
import { topicOf } from '#swarm/topic.ts'
import { startNode } from '#test/support/node/start-node.ts'

const never = AbortSignal.any([])
const resources = { threads: 1, slots: 2, contextTokens: 512, device: 'cpu' } as const
const question = generateRequestSchema.parse({
  prompt: { kind: 'chat', messages: [{ role: 'user', content: 'What is Skein?' }] },
  sampling: { temperature: 0 },
  maxTokens: 8
})

async function lend(node: SkeinNode): Promise<void> {
  await node.control.call('settings.set', { name: 'lending', value: true }, never)
  await node.ready
}

async function hosted(node: SkeinNode): Promise<readonly LayerRange[]> {
  const { stages } = await node.control.call('status.get', {}, never)
  return stages.filter(({ state }) => state === 'ready').map(({ range }) => range)
}

test('who joins completes what the others lack, within its memory, and stays there', async () => {
  const testnet = await createTestnet(3)
  onTestFinished(() => testnet.destroy())
  const address = { bootstrap: testnet.bootstrap, host: '127.0.0.1' }
  const network = { topic: topicOf('placement'), address }
  const half = { first: 0, end: 3 }
  const [asked, another] = await Promise.all(
    [true, false].map((isAsked) => startNode({ network, resources, isAsked, range: half }))
  )
  if (asked === undefined || another === undefined) throw new Error('no nodes')
  await Promise.all([lend(asked), lend(another)])

  // Room for the whole model: what the swarm lacks counts, not what fits.
  const place = { memoryBytes: 1e9 }
  const joiner = await startNode({ network, resources, isAsked: false, place })
  await lend(joiner)
  expect(await hosted(joiner)).toEqual([{ first: 3, end: 6 }])
  await expect.poll(() => asked.swarm.stages().length).toBe(3)
  const events = await Array.fromAsync(asked.chat.generate(question, never))
  expect(events.at(-1)).toMatchObject({
    kind: 'end',
    report: { route: [{ range: half }, { peer: joiner.swarm.self, range: { first: 3, end: 6 } }] }
  })
  expect(await hosted(joiner)).toEqual([{ first: 3, end: 6 }])
})

test('who has room for no part of the model says so', async () => {
  const testnet = await createTestnet(3)
  onTestFinished(() => testnet.destroy())
  const address = { bootstrap: testnet.bootstrap, host: '127.0.0.1' }
  const network = { topic: topicOf('placement'), address }
  const node = await startNode({ network, resources, isAsked: false, place: { memoryBytes: 1000 } })
  await expect(node.ready).rejects.toMatchObject({ code: 'no-room-for-layers' })
})
