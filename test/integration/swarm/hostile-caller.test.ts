import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { generateRequestSchema } from '#contract/chat.ts'
import type { Logger } from '#contract/log.ts'
import { sessionIdSchema } from '#contract/peer.ts'
import { stageLimits, type OpenSession, type Step } from '#contract/stage.ts'
import { generate } from '#session/generate.ts'
import { seal } from '#swarm/sealed-announcement.ts'
import { fakeWidth } from '#test/support/fakes/fake-engine.ts'
import {
  createFakeSwarm,
  fakeModel,
  untilCovered,
  type FakePeer,
  type FakeSwarm
} from '#test/support/fakes/fake-swarm.ts'
import {
  announcementOf,
  connectHostile,
  type HostilePeer
} from '#test/support/fakes/hostile-peer.ts'

const session = sessionIdSchema.parse('ab'.repeat(16))

/** What each of these does to a host breaks the protocol; the host must end the connection for this reason and shut the peer out. */
const attacks: readonly [
  string,
  string,
  (peer: HostilePeer, host: FakePeer) => Promise<void> | void
][] = [
  [
    'a boundary of the wrong size',
    'boundary-invalid',
    stepWith({ input: boundary(fakeWidth - 1) })
  ],
  [
    'a boundary that is not numbers',
    'boundary-invalid',
    stepWith({ input: boundary(fakeWidth, NaN) })
  ],
  ['a step out of order', 'boundary-invalid', stepWith({ position: 3 })],
  [
    'tokens for a later stage',
    'boundary-invalid',
    stepWith({ input: { kind: 'tokens', tokens: Int32Array.of(1) } })
  ],
  ['a step that says another size than it has', 'protocol-violation', stepWith({ rows: 3 })],
  [
    'more steps at once than allowed',
    'protocol-violation',
    async (peer, host) => {
      await open(peer, host)
      for (let position = 0; position < 2 * stageLimits.maxStepsInFlight + 2; position++) {
        peer.stage.step.send(step({ position, topK: heldTopK }))
      }
    }
  ],
  ['word of steps that nobody sent', 'protocol-violation', (peer) => void peer.stage.taken.send(1)],
  [
    'a message over the size limit',
    'message-too-large',
    (peer) => void peer.stream.write(Buffer.alloc(5 * 1024 * 1024))
  ],
  [
    'frames nested without end',
    'protocol-violation',
    (peer) => void peer.stream.write(nestedBatches(100_000))
  ],
  [
    'a frame that is no frame',
    'protocol-violation',
    (peer) => void peer.stream.write(Buffer.alloc(64, 0xff))
  ],
  [
    'a flood of announcements',
    'protocol-violation',
    (peer) => {
      const sealed = seal(announcementOf(peer.key, {}), peer.keyPair)
      repeat(200, () => peer.announce.announcement.send(sealed))
    }
  ],
  [
    'an announcement in the name of another',
    'protocol-violation',
    (peer, host) => {
      const forged = seal(announcementOf(host.swarm.self, {}), peer.keyPair)
      peer.announce.announcement.send(forged)
    }
  ],
  [
    'word of another that it did not sign',
    'protocol-violation',
    (peer, host) => {
      const forged = seal(announcementOf(host.swarm.self, {}), peer.keyPair)
      peer.announce.gossip.send([{ ...forged, leftMs: 1000 }])
    }
  ],
  [
    'a flood of gossip',
    'protocol-violation',
    (peer) => repeat(50, () => peer.announce.gossip.send([]))
  ],
  [
    'an answer that nobody asked for',
    'protocol-violation',
    (peer) => void peer.announce.gossiped.send([])
  ],
  [
    'a flood of pings',
    'protocol-violation',
    (peer) => repeat(500, (index) => peer.announce.ping.send(index))
  ],
  [
    'a flood of openings',
    'protocol-violation',
    (peer, host) =>
      repeat(500, (index) => {
        const id = sessionIdSchema.parse(index.toString(16).padStart(32, '0'))
        peer.stage.open.send({ ...opening(peer, host), session: id })
      })
  ],
  [
    'a flood of steps for sessions that are not there',
    'protocol-violation',
    (peer) => repeat(1000, () => peer.stage.step.send(step({})))
  ],
  [
    'a flood of answers that nobody asked for',
    'protocol-violation',
    (peer) =>
      repeat(1000, () =>
        peer.stage.failed.send({ session, error: { code: 'internal', sentence: '', remedy: '' } })
      )
  ]
]

function boundary(width: number, value = 1): Step['input'] {
  const data = new Uint8Array(new Float32Array(width).fill(value).buffer)
  return { kind: 'boundary', dtype: 'float32', data }
}

function step(more: Partial<Step>): Step {
  return {
    session,
    epoch: 0,
    position: 0,
    rows: 1,
    input: boundary(fakeWidth),
    outputRows: 0,
    topK: 0,
    timings: [],
    hopBytes: [],
    ...more
  }
}

/** A step that asks for so many candidates is never done. */
const heldTopK = 3

function opening(peer: HostilePeer, _host: FakePeer): OpenSession {
  return {
    session,
    model: fakeModel.key,
    range: { first: 3, end: 6 },
    upstream: peer.key,
    downstream: null,
    maxTokens: 512,
    dtype: 'float32',
    quietUntil: 0
  }
}

async function open(peer: HostilePeer, host: FakePeer): Promise<void> {
  const opened = peer.opened(session)
  peer.stage.open.send(opening(peer, host))
  await opened
}

function stepWith(more: Partial<Step>) {
  return async (peer: HostilePeer, host: FakePeer): Promise<void> => {
    await open(peer, host)
    peer.stage.step.send(step(more))
  }
}

function repeat(times: number, act: (index: number) => unknown): void {
  for (let index = 0; index < times; index++) act(index)
}

/** A batch in a batch in a batch: each level is channel 0, a length, and type 0. */
function nestedBatches(levels: number): Buffer {
  // Lengths beyond the end are cut to it, so one large length serves every level.
  const level = [0, 0, 0, 0xfe, 0xff, 0xff, 0xff, 0x7f]
  return Buffer.from(
    Array.from({ length: levels }, (_, index) => (index === 0 ? level : level.slice(1))).flat()
  )
}

describe('a host', () => {
  let swarm: FakeSwarm
  let host: FakePeer
  let guest: FakePeer
  let reasons: unknown[]

  beforeEach(async () => {
    swarm = await createFakeSwarm()
    reasons = []
    const ignore = (): void => undefined
    const log: Logger = {
      debug: ignore,
      info: ignore,
      error: ignore,
      warn: (_, fields) => void reasons.push(fields?.['code'])
    }
    const gate = new Promise<void>((resolve) => setTimeout(resolve, 0))
    host = await swarm.peer({
      ranges: [{ first: 3, end: 6 }],
      log,
      engine: {
        beforeStep: ({ topK }) => (topK === heldTopK ? new Promise(() => undefined) : gate)
      }
    })
    guest = await swarm.peer({ ranges: [{ first: 0, end: 3 }] })
    await untilCovered(guest)
  })
  afterEach(() => swarm.close())

  async function servesWell(): Promise<void> {
    const request = generateRequestSchema.parse({
      prompt: { kind: 'text', text: 'Is it well?' },
      maxTokens: 5,
      sampling: { temperature: 0 }
    })
    const events = await Array.fromAsync(
      generate(fakeModel, request, guest.deps, new AbortController().signal)
    )
    expect(events.at(-1)).toMatchObject({ kind: 'end', finish: 'length' })
  }

  it.each(attacks)(
    'ends %s with %s, shuts the peer out, and serves on',
    async (_, code, attack) => {
      const peer = await connectHostile(swarm, host.swarm.self)
      await attack(peer, host)
      await peer.closed
      await expect.poll(() => reasons).toEqual([code])
      await expect(host.swarm.link(peer.key)).rejects.toMatchObject({ code: 'peer-banned' })
      expect(host.stages[0]?.openSlots).toBe(0)
      await servesWell()
      await peer.close()
    }
  )

  it('does not let a banned peer in again', async () => {
    const peer = await connectHostile(swarm, host.swarm.self)
    peer.stream.write(Buffer.alloc(64, 0xff))
    await peer.closed
    expect(await peer.mayReturn()).toBe(false)
    await peer.close()
  })

  it('lets nobody touch the session of another', async () => {
    const owner = await connectHostile(swarm, host.swarm.self)
    await open(owner, host)
    for (const touch of [
      (peer: HostilePeer) => peer.stage.close.send(session),
      (peer: HostilePeer) => peer.stage.step.send(step({})),
      (peer: HostilePeer) => peer.stage.rollback.send({ session, epoch: 1, position: 0 })
    ]) {
      const thief = await connectHostile(swarm, host.swarm.self)
      touch(thief)
      await thief.closed
      await thief.close()
    }
    expect(reasons).toEqual(['protocol-violation', 'protocol-violation', 'protocol-violation'])
    owner.stage.step.send(step({ outputRows: 1, topK: 2 }))
    await expect.poll(() => owner.results.length).toBe(1)
    await owner.close()
  })

  it('frees what a peer held that vanishes in the middle of a message', async () => {
    const peer = await connectHostile(swarm, host.swarm.self)
    await open(peer, host)
    expect(host.stages[0]?.openSlots).toBe(1)
    // The head of a frame of 65,535 bytes, and not the rest.
    peer.stream.rawStream?.write(Buffer.from([0xff, 0xff, 0x00, 1, 2, 3]))
    peer.stream.destroy()
    await expect.poll(() => host.stages[0]?.openSlots).toBe(0)
    await servesWell()
    await peer.close()
  })

  it('parts from a peer of another version, and says so to whoever asks for it', async () => {
    const peer = await connectHostile(swarm, host.swarm.self, {
      protocols: { announce: [2], stage: [3, 4] }
    })
    await peer.closed
    await expect.poll(() => reasons).toEqual(['protocol-version'])
    await expect(host.swarm.link(peer.key)).rejects.toMatchObject({ code: 'protocol-version' })
    await servesWell()
    await peer.close()
  })
})
