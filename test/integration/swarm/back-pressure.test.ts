import DHT from 'hyperdht'
import createTestnet, { type Testnet } from 'hyperdht/testnet.js'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { modelKeySchema } from '#contract/model.ts'
import { sessionIdSchema, type SessionId } from '#contract/peer.ts'
import { stageLimits, type StageLink, type StageService, type Step } from '#contract/stage.ts'
import { Swarm } from '#swarm/swarm.ts'
import { topicOf } from '#swarm/topic.ts'
import { until } from '#test/support/fakes/fake-swarm.ts'
import { connectHostile } from '#test/support/fakes/hostile-peer.ts'

const session = sessionIdSchema.parse('ab'.repeat(16))

const otherSession = sessionIdSchema.parse('cd'.repeat(16))

/** The largest step that there is. */
function largeStep(position: number): Step {
  return {
    session,
    epoch: 0,
    position,
    rows: 1,
    input: {
      kind: 'boundary',
      dtype: 'float32',
      data: new Uint8Array(stageLimits.maxBoundaryBytes)
    },
    outputRows: 0,
    topK: 0,
    timings: [],
    hopBytes: []
  }
}

/** Takes steps, and is done with none of them before `release` is called. */
function slowService() {
  const held: (() => void)[] = []
  const service: StageService = {
    open: () => Promise.resolve({ preferredRows: 1 }),
    step: () => new Promise((resolve) => held.push(resolve)),
    relink: () => Promise.resolve(),
    rollback: () => undefined,
    close: () => undefined,
    silent: () => undefined,
    gone: () => undefined
  }
  return { service, held }
}

function openOn(link: StageLink, id: SessionId) {
  const request = {
    session: id,
    model: modelKeySchema.parse('a'.repeat(64)),
    range: { first: 1, end: 2 },
    upstream: link.peer,
    downstream: null,
    maxTokens: 1000,
    dtype: 'float32',
    quietUntil: 0
  } as const
  return link.open(request, {
    result: () => Promise.resolve(),
    failed: () => undefined,
    notice: () => undefined
  })
}

let testnet: Testnet
const swarms: Swarm[] = []

beforeEach(async () => {
  testnet = await createTestnet(3)
})
afterEach(async () => {
  await Promise.all(swarms.splice(0).map((swarm) => swarm.close()))
  await testnet.destroy()
})

async function join(service: StageService): Promise<Swarm> {
  const { bootstrap } = testnet
  const swarm = new Swarm({
    keyPair: DHT.keyPair(),
    version: 'test',
    bootstrap,
    host: '127.0.0.1'
  })
  swarms.push(swarm)
  swarm.serve(service)
  await swarm.join(topicOf('back-pressure'))
  return swarm
}

it('makes the sender wait for a stage that is behind, keeps the connection, and goes on when it catches up', async () => {
  const { service, held } = slowService()
  const slow = await join(service)
  const sender = await join(slowService().service)
  await until(sender, () => sender.connected().length === 1)
  const link = await sender.link(slow.self)
  await openOn(link, session)

  const total = 12
  let sent = 0
  const sending = (async () => {
    for (; sent < total; sent++) await link.step(largeStep(sent))
  })()
  // Two of the largest steps fill the window.
  await expect.poll(() => held.length).toBe(2)
  // An answer on the same connection: whatever was sent before it has arrived.
  await openOn(link, otherSession)
  expect(held.length).toBe(2)
  expect(sent).toBe(2)

  let taken = 0
  while (taken < total) {
    await expect.poll(() => held.length).toBeGreaterThan(taken)
    held[taken++]?.()
  }
  await sending
  expect(sender.connected()).toHaveLength(1)
})

it('ends the connection of a sender that does not wait', async () => {
  const { service, held } = slowService()
  const slow = await join(service)
  const hostile = await connectHostile({ testnet }, slow.self)
  for (let position = 0; position < 3; position++) hostile.stage.step.send(largeStep(position))
  await hostile.closed
  expect(held.length).toBe(2)
  await expect(slow.link(hostile.key)).rejects.toMatchObject({ code: 'peer-banned' })
  await hostile.close()
})
