import { writeFileSync } from 'node:fs'
import path from 'node:path'
import createTestnet from 'hyperdht/testnet.js'
import OpenAI from 'openai'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { generateRequestSchema } from '#contract/chat.ts'
import type { ModelKey } from '#contract/model.ts'
import { isStoredAdapter, type StoredAdapter } from '#contract/weights.ts'
import type { NodeNetwork, SkeinNode } from '#node'
import { tinySpec } from '#test/support/engine/tiny-model.ts'
import { randomAdapterBytes } from '#test/support/models/random-adapter.ts'
import { randomModelBytes } from '#test/support/models/random-model.ts'
import { addModel, allow, untilStatus } from '#test/support/node/node-models.ts'
import { askNode } from '#test/support/node/question.ts'
import { startNode } from '#test/support/node/start-node.ts'
import { temporaryFolder } from '#test/support/temporary-folder.ts'

const never = AbortSignal.any([])
/** Layers that do not share their blocks with others. */
const spec = { ...tinySpec, type: 'F32', width: 128, headLength: 32, feedForward: 192 } as const
const front = { first: 0, end: 2 }
const back = { first: 2, end: spec.layers }
const both = 'tiny+pirate'
let file: string
let adapterFile: string

beforeEach(() => {
  const folder = temporaryFolder()
  file = path.join(folder, 'tiny.gguf')
  adapterFile = path.join(folder, 'pirate.gguf')
  writeFileSync(file, randomModelBytes({ ...spec, name: 'Tiny' }))
  const name = ['general.name', 'string', 'Pirate'] as const
  writeFileSync(adapterFile, randomAdapterBytes(spec, { rank: 64, metadata: [name] }))
})

async function loopback(): Promise<NodeNetwork> {
  const testnet = await createTestnet(3)
  onTestFinished(() => testnet.destroy())
  return {
    topic: Buffer.alloc(32, 9),
    address: { bootstrap: testnet.bootstrap, host: '127.0.0.1' }
  }
}

/** Adds the adapter to a model, from its file or by its key. Throws why it does not come. */
async function bringAdapter(
  { control }: SkeinNode,
  base: ModelKey,
  from: { readonly source: string } | { readonly model: ModelKey }
): Promise<StoredAdapter> {
  const transfer =
    'source' in from
      ? await control.call('models.add', { ...from, base }, never)
      : await control.call('models.fetch', { ...from, base, range: back }, never)
  for await (const { model, error } of control.stream('transfers.watch', transfer, never)) {
    if (model !== undefined && isStoredAdapter(model)) return model
    if (error !== undefined) throw new Error(error.code)
  }
  throw new Error('it ended without an adapter')
}

/** Hosts layers of the model with the adapter on it; resolves when they are ready. */
async function host(node: SkeinNode, range: typeof front): Promise<void> {
  await node.control.call('stages.host', { model: both, range }, never)
  await untilStatus(node, ({ stages }) =>
    stages.some(({ adapter, state }) => adapter !== undefined && state === 'ready')
  )
}

async function untilAdapted({ swarm }: SkeinNode, adapter: ModelKey, count: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const look = (): void => {
      if (swarm.stages().filter(({ offer }) => offer.adapter === adapter).length === count)
        resolve()
    }
    swarm.onChange(look)
    look()
  })
}

test('an adapter is added to its model, asked beside it by name, and removed', async () => {
  const node = await startNode()
  const { info } = await addModel(node, file)
  const plain = await askNode(node, { model: 'tiny' })
  const added = await bringAdapter(node, info.key, { source: adapterFile })
  expect(added).toMatchObject({ base: info.key, info: { kind: 'adapter', layers: [0, 1, 2, 3] } })

  const pirate = await askNode(node, { model: both })
  expect(pirate.tokens).toHaveLength(12)
  expect(pirate.tokens).not.toEqual(plain.tokens)
  expect((await askNode(node, { model: 'tiny' })).tokens).toEqual(plain.tokens)
  const { port = 0, token = '' } = node.api ?? {}
  const client = new OpenAI({ baseURL: `http://127.0.0.1:${port}/v1`, apiKey: token })
  const names = (await client.models.list()).data.map(({ id }) => id)
  expect(names).toEqual(expect.arrayContaining(['tiny', both]))

  const request = generateRequestSchema.parse({
    model: both,
    prompt: { kind: 'text', text: 'w1' },
    maxTokens: 1
  })
  for await (const event of node.chat.generate(request, never)) {
    if (event.kind !== 'end') continue
    expect(event.report).toMatchObject({ model: info.key, adapter: added.info.key })
  }

  const { removed } = await node.control.call('models.remove', { model: 'pirate' }, never)
  expect(removed.info.key).toBe(added.info.key)
  await expect(askNode(node, { model: both })).rejects.toMatchObject({ code: 'model-unknown' })
  expect((await askNode(node, { model: 'tiny' })).tokens).toEqual(plain.tokens)
})

test('two peers with half of model and adapter each answer as the whole in one process; who asks knows two keys', async () => {
  const alone = await startNode()
  const { info } = await addModel(alone, file)
  const { info: adapter } = await bringAdapter(alone, info.key, { source: adapterFile })
  const whole = await askNode(alone, { model: both })
  const plain = await askNode(alone, { model: info.key })

  const network = await loopback()
  const owner = await startNode({ network, range: null })
  await allow(owner, 'lending', 'seeding')
  await addModel(owner, file)
  await bringAdapter(owner, info.key, { source: adapterFile })
  await host(owner, front)

  const other = await startNode({ network, range: null })
  await allow(other, 'lending', 'seeding')
  const layers = { model: info.key, range: back }
  const transfer = await other.control.call('models.fetch', layers, never)
  for await (const { error } of other.control.stream('transfers.watch', transfer, never)) {
    expect(error).toBeUndefined()
  }
  const fetched = await bringAdapter(other, info.key, { model: adapter.key })
  expect(fetched).toMatchObject({ info: { key: adapter.key, rank: 64 }, state: 'partial' })
  await host(other, back)

  const asking = await startNode({ network, range: null })
  await asking.ready
  await untilAdapted(asking, adapter.key, 2)
  const answer = await askNode(asking, { model: `${info.key}+${adapter.key}` })
  expect(answer.tokens).toEqual(whole.tokens)
  expect(answer.tokens).not.toEqual(plain.tokens)
  expect(answer.route).toMatchObject([
    { peer: owner.swarm.self, range: front },
    { peer: other.swarm.self, range: back }
  ])
  const { stages } = await owner.control.call('status.get', {}, never)
  expect(stages).toMatchObject([{ model: info.key, adapter: adapter.key, range: front }])
  // Nobody hosts the model without the adapter.
  await expect(askNode(asking, { model: info.key })).rejects.toMatchObject({ code: 'no-chain' })
})

test('an adapter is refused that is for another model, or whose model is not here', async () => {
  const node = await startNode()
  const other = path.join(temporaryFolder(), 'other.gguf')
  writeFileSync(other, randomModelBytes({ ...spec, width: 64, headLength: 16, name: 'Other' }))
  const { info } = await addModel(node, other)
  await expect(bringAdapter(node, info.key, { source: adapterFile })).rejects.toThrow(
    'adapter-mismatch'
  )
  const unknown = { source: adapterFile, base: 'nobody' }
  await expect(node.control.call('models.add', unknown, never)).rejects.toMatchObject({
    code: 'model-not-here'
  })
  await expect(addModel(node, adapterFile)).rejects.toThrow('model-is-adapter')
})
