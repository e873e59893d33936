import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ErrorValue } from '#contract/errors.ts'
import { peerKeySchema, sessionIdSchema, type PeerKey } from '#contract/peer.ts'
import { fakeModel, startPeer, type FakePeer } from '#test/support/fakes/fake-swarm.ts'

const stranger = peerKeySchema.parse('c'.repeat(64))
const range = { first: 3, end: 6 }
const session = (index: number) => sessionIdSchema.parse(index.toString(16).padStart(32, '0'))

let peer: FakePeer
let failures: ErrorValue[]

beforeEach(async () => {
  failures = []
  peer = await startPeer({ ranges: [range], slots: 4 })
})
afterEach(() => peer.close())

function open(index: number, by: PeerKey) {
  const events = {
    result: () => Promise.resolve(),
    failed: (error: ErrorValue) => void failures.push(error),
    notice: () => undefined
  }
  return peer.host.open(
    {
      session: session(index),
      model: fakeModel.key,
      range,
      upstream: by,
      downstream: null,
      maxTokens: 100,
      dtype: 'float32',
      quietUntil: 0
    },
    { peer: by, events }
  )
}

test('the sessions of others end at once and hear of it; this person’s own go on', async () => {
  await open(1, stranger)
  await open(2, peer.swarm.self)
  await open(3, stranger)
  expect(peer.host.othersAtWork()).toBe(2)
  peer.host.endOthers()
  expect(peer.host.othersAtWork()).toBe(0)
  expect(failures).toMatchObject([{ code: 'peer-draining' }, { code: 'peer-draining' }])
  expect(peer.stages[0]?.openSlots).toBe(1)
  expect(peer.host.status()[0]).toMatchObject({ sessions: 1, state: 'ready' })
})

test('a share holds for others; while this person’s own answer is at work all of the time may be used', async () => {
  peer.host.setShare(0.3)
  expect(peer.stages[0]?.share).toBe(0.3)
  await open(1, stranger)
  expect(peer.stages[0]?.share).toBe(0.3)
  await open(2, peer.swarm.self)
  expect(peer.stages[0]?.share).toBe(1)
  peer.host.setShare(0.2)
  expect(peer.stages[0]?.share).toBe(1)
  peer.host.close(session(2), peer.swarm.self)
  expect(peer.stages[0]?.share).toBe(0.2)
})
