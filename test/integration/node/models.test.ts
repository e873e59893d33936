import { rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import createTestnet from 'hyperdht/testnet.js'
import OpenAI from 'openai'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import type { ModelKey } from '#contract/model.ts'
import type { NodeNetwork, NodeOptions, SkeinNode } from '#node'
import { tinySpec } from '#test/support/engine/tiny-model.ts'
import { writeRandomModel } from '#test/support/models/random-model.ts'
import { addModel, allow, transferred, untilStatus } from '#test/support/node/node-models.ts'
import { askNode } from '#test/support/node/question.ts'
import { startNode } from '#test/support/node/start-node.ts'
import { temporaryFolder } from '#test/support/temporary-folder.ts'

const never = AbortSignal.any([])
/** About 2 MB: layers that do not share their blocks with others. */
const spec = { ...tinySpec, type: 'F32', width: 128, headLength: 32, feedForward: 192 } as const
const front = { first: 0, end: 2 }
const back = { first: 2, end: spec.layers }
let file: string

beforeEach(async () => {
  file = path.join(temporaryFolder(), 'tiny.gguf')
  await writeRandomModel(file, { ...spec, name: 'Tiny Random' })
})

async function loopback(): Promise<NodeNetwork> {
  const testnet = await createTestnet(3)
  onTestFinished(() => testnet.destroy())
  return {
    topic: Buffer.alloc(32, 9),
    address: { bootstrap: testnet.bootstrap, host: '127.0.0.1' }
  }
}

/** A peer of the network that lends layers of a model and shares what it has of it. */
async function lender(
  network: NodeNetwork,
  host: NonNullable<NodeOptions['host']>
): Promise<SkeinNode> {
  const node = await startNode({ network, host })
  await allow(node, 'lending', 'seeding')
  return node
}

function untilHosting(node: SkeinNode): Promise<unknown> {
  return untilStatus(node, ({ stages }) => stages.some(({ state }) => state === 'ready'))
}

/** Resolves when this node knows of so many stages of a model. */
async function untilKnown({ swarm }: SkeinNode, key: ModelKey, count: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const look = (): void => {
      const known = swarm.stages().filter(({ offer }) => offer.model === key)
      if (known.length === count) resolve()
    }
    swarm.onChange(look)
    look()
  })
}

test('a model that was added is asked on this PC, by name, without being hosted first', async () => {
  const node = await startNode()
  const { info } = await addModel(node, file)
  const answer = await askNode(node, { model: 'tiny-random' })
  expect(answer.tokens).toHaveLength(12)
  expect(answer.route).toMatchObject([{ range: { first: 0, end: 4 }, isLocal: true }])
  expect(await askNode(node, { model: info.key })).toEqual(answer)
  const { models, defaultModel } = await node.control.call('status.get', {}, never)
  expect(models.map(({ name }) => name)).toContain('Tiny Random')
  expect(defaultModel).not.toBe(info.key)
})

test('a question does not wait for a network out of reach when this PC can answer it', async () => {
  const address = { bootstrap: [{ host: '127.0.0.1', port: 9 }], host: '127.0.0.1' }
  const network = { topic: Buffer.alloc(32, 9), address }
  const node = await startNode({ network, host: { model: file } })
  let isReady = false
  node.ready.then(
    () => (isReady = true),
    () => undefined
  )
  // Not what it hosts: the model that comes with Skein is loaded for the question.
  const { tokens } = await askNode(node, { model: 'skein-tiny' })
  expect(tokens.length).toBeGreaterThan(0)
  expect(isReady).toBe(false)
})

test('a peer that knows only the key hosts layers; one that has nothing asks both and gets the whole model’s tokens', async () => {
  const alone = await startNode()
  const { info } = await addModel(alone, file)
  const whole = await askNode(alone, { model: info.key })

  const network = await loopback()
  const owner = await lender(network, { model: file, range: front })
  await untilHosting(owner)
  const other = await lender(network, { model: info.key, range: back })
  await untilHosting(other)
  const [partial] = await other.control.call('models.list', {}, never)
  expect(partial).toMatchObject({ info: { key: info.key }, state: 'partial' })

  const asking = await startNode({ network, range: null })
  await asking.ready
  await untilKnown(asking, info.key, 2)
  const answer = await askNode(asking, { model: info.key })
  expect(answer.tokens).toEqual(whole.tokens)
  expect(answer.route).toMatchObject([
    { peer: owner.swarm.self, range: front, isLocal: false },
    { peer: other.swarm.self, range: back, isLocal: false }
  ])

  const { port = 0, token = '' } = asking.api ?? {}
  const client = new OpenAI({ baseURL: `http://127.0.0.1:${port}/v1`, apiKey: token })
  const listed = (await client.models.list()).data.map(({ id }) => id)
  expect(listed).toEqual(['skein-tiny', 'tiny-random'])
  const completion = await client.completions.create({
    model: 'tiny-random',
    prompt: 'w10 w20 w30',
    temperature: 0,
    max_tokens: 4
  })
  expect(completion.usage?.completion_tokens).toBe(4)
})

test('stages are announced to nobody while lending is off, and the owner is served all the same', async () => {
  const network = await loopback()
  const owner = await startNode({ network, host: { model: file } })
  const { defaultModel } = await untilStatus(owner, ({ stages }) => stages[0]?.state === 'ready')
  const asking = await startNode({ network, range: null })
  await untilStatus(asking, ({ connectedPeers }) => connectedPeers === 1)
  expect((await askNode(owner)).route).toMatchObject([{ isLocal: true }])
  expect(asking.swarm.stages()).toEqual([])
  await allow(owner, 'lending')
  await untilKnown(asking, defaultModel, 1)
})

test('a model goes to nobody before its owner agreed to share models', async () => {
  const network = await loopback()
  const closed = await startNode({ network, range: null })
  const { info: wanted } = await addModel(closed, file)
  const open = await startNode({ network, range: null })
  const other = path.join(temporaryFolder(), 'other.gguf')
  await writeRandomModel(other, { ...spec, seed: 2 })
  const { info: shared } = await addModel(open, other)
  await allow(open, 'seeding')

  const asking = await startNode({ network, range: null })
  await untilStatus(asking, ({ connectedPeers }) => connectedPeers === 2)
  const refused = await asking.control.call('models.fetch', { model: wanted.key }, never)
  const given = await asking.control.call('models.fetch', { model: shared.key }, never)
  // By the time that one has come, the other one would have come as well.
  await transferred(asking, given)
  const { weights } = await asking.control.call('status.get', {}, never)
  expect(weights.transfers).toMatchObject([
    { id: wanted.key, state: 'running', progress: { state: 'searching', doneBytes: 0 } }
  ])
  await allow(closed, 'seeding')
  expect(await transferred(asking, refused)).toMatchObject({ state: 'whole' })
  const after = await closed.control.call('status.get', {}, never)
  expect(after.weights.usage?.uploadedBytes).toBe(wanted.bytes)
})

test('layers that do not load are told in the status, and loaded when they are asked for again', async () => {
  const homeFolder = temporaryFolder()
  const node = await startNode({ homeFolder })
  const { info } = await addModel(node, file)
  const inTheWay = path.join(homeFolder, 'stages', info.key)
  writeFileSync(inTheWay, '')
  await node.control.call('stages.host', { model: info.key }, never)
  const { stages } = await untilStatus(node, (status) =>
    status.stages.some(({ state }) => state === 'failed')
  )
  const failed = stages.find(({ model }) => model === info.key)
  expect(failed).toMatchObject({ state: 'failed', error: { code: 'model-not-written' } })

  rmSync(inTheWay)
  expect((await askNode(node, { model: info.key })).tokens).toHaveLength(12)
  const after = await node.control.call('status.get', {}, never)
  expect(after.stages.map(({ state }) => state)).toEqual(['ready', 'ready'])
})
