import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ErrorValue } from '#contract/errors.ts'
import { peerKeySchema, sessionIdSchema } from '#contract/peer.ts'
import type { OpenSession, StageNotice } from '#contract/stage.ts'
import { fakeModel, startPeer, type FakePeer } from '#test/support/fakes/fake-swarm.ts'

const coordinator = peerKeySchema.parse('c'.repeat(64))
const other = peerKeySchema.parse('d'.repeat(64))
const session = (index: number) => sessionIdSchema.parse(index.toString(16).padStart(32, '0'))

let peer: FakePeer
let failures: ErrorValue[]
let notices: StageNotice[]

beforeEach(async () => {
  failures = []
  notices = []
  peer = await startPeer({ ranges: [{ first: 3, end: 6 }], slots: 2 })
})
afterEach(async () => {
  vi.useRealTimers()
  await peer.close()
})

function open(index: number, change: Partial<OpenSession> = {}, by = coordinator) {
  const request: OpenSession = {
    session: session(index),
    model: fakeModel.key,
    range: { first: 3, end: 6 },
    upstream: coordinator,
    downstream: null,
    maxTokens: 100,
    dtype: 'float32',
    quietUntil: 0,
    ...change
  }
  const events = {
    result: () => Promise.resolve(),
    failed: (error: ErrorValue) => void failures.push(error),
    notice: (notice: StageNotice) => void notices.push(notice)
  }
  return peer.host.open(request, { peer: by, events })
}

describe('a host', () => {
  it('opens as many sessions as it has places, and offers what is left', async () => {
    await open(1)
    expect(peer.host.offers()[0]).toMatchObject({
      slots: 2,
      freeSlots: 1,
      contextTokens: 1024,
      freeTokens: 924
    })
    await open(2)
    await expect(open(3)).rejects.toMatchObject({ code: 'stage-full' })
    peer.host.close(session(1), coordinator)
    await open(3)
    expect(peer.host.status()[0]).toMatchObject({
      state: 'ready',
      sessions: 2,
      slots: 2,
      memoryBytes: 1110
    })
  })

  it.each([
    ['an adapter that it has not', { adapter: fakeModel.key }, 'stage-not-here'],
    ['another range', { range: { first: 2, end: 6 } }, 'stage-not-here'],
    [
      'a tail that is to send on',
      { downstream: { peer: other, session: session(9) } },
      'protocol-violation'
    ],
    ['no tokens', { maxTokens: 0 }, 'protocol-violation'],
    ['more tokens than it has', { maxTokens: 2000 }, 'stage-full']
  ])('refuses %s', async (_, change, code) => {
    await expect(open(1, change)).rejects.toMatchObject({ code })
    expect(peer.stages[0]?.openSlots).toBe(0)
  })

  it('lets steps of a session that has just ended pass away, and no others', async () => {
    await open(1)
    peer.host.close(session(1), coordinator)
    const late = {
      session: session(1),
      epoch: 0,
      position: 0,
      rows: 1,
      input: { kind: 'tokens' as const, tokens: Int32Array.of(1) },
      outputRows: 0,
      topK: 0,
      timings: [],
      hopBytes: []
    }
    await peer.host.step(late, other)
    await expect(peer.host.step({ ...late, session: session(2) }, other)).rejects.toMatchObject({
      code: 'session-unknown'
    })
  })

  it('refuses a session that is open already', async () => {
    await open(1)
    await expect(open(1, {}, other)).rejects.toMatchObject({ code: 'protocol-violation' })
    expect(peer.stages[0]?.openSlots).toBe(1)
  })

  it('frees what a peer held that is gone, and keeps the sessions that it sent to', async () => {
    await open(1)
    await open(2, { upstream: other })
    peer.host.silent(other)
    peer.host.gone(other)
    expect(notices).toEqual([])
    expect(peer.stages[0]?.openSlots).toBe(2)
    peer.host.gone(coordinator)
    expect(peer.stages[0]?.openSlots).toBe(0)
    expect(failures).toEqual([])
  })

  it('starts a crashed engine again after a while, and gives up after several crashes', async () => {
    vi.useFakeTimers()
    await open(1)
    for (let crash = 1; crash <= 6; crash++) {
      peer.stages.at(-1)?.crash()
      expect(peer.host.status()[0]?.state).toBe('failed')
      expect(peer.host.offers()).toEqual([])
      await vi.advanceTimersByTimeAsync(60_000)
    }
    expect(failures.map(({ code }) => code)).toEqual(['engine-crashed'])
    expect(peer.stages).toHaveLength(6)
    expect(peer.host.status()[0]?.state).toBe('failed')
  })

  it('drains: takes nothing new, and is done when what is at work has ended', async () => {
    await open(1)
    let isDone = false
    const drained = peer.host.drain().then(() => (isDone = true))
    await expect(open(2)).rejects.toMatchObject({ code: 'peer-draining' })
    expect(isDone).toBe(false)
    peer.host.close(session(1), coordinator)
    await drained
  })

  it('gives a range up', async () => {
    await peer.host.release(fakeModel.key, { first: 3, end: 6 })
    expect(peer.host.status()).toEqual([])
    await expect(open(1)).rejects.toMatchObject({ code: 'stage-not-here' })
  })

  it('ends sessions that nobody uses', async () => {
    vi.useFakeTimers()
    const idle = await startPeer({ ranges: [{ first: 3, end: 6 }] })
    await idle.host.open(
      {
        session: session(1),
        model: fakeModel.key,
        range: { first: 3, end: 6 },
        upstream: coordinator,
        downstream: null,
        maxTokens: 10,
        dtype: 'float32',
        quietUntil: 0
      },
      {
        peer: coordinator,
        events: {
          result: () => Promise.resolve(),
          failed: () => undefined,
          notice: () => undefined
        }
      }
    )
    await vi.advanceTimersByTimeAsync(9 * 60_000)
    expect(idle.stages[0]?.openSlots).toBe(1)
    await vi.advanceTimersByTimeAsync(3 * 60_000)
    expect(idle.stages[0]?.openSlots).toBe(0)
    await idle.close()
  })
})
