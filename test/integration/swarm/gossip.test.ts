import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { topicOf } from '#swarm/topic.ts'
import {
  createFakeSwarm,
  startPeer,
  type FakePeer,
  type FakePeerOptions,
  type FakeSwarm
} from '#test/support/fakes/fake-swarm.ts'

const timing = { gossipMs: 100, connectMs: 2_000 }

describe('peers that are not connected', () => {
  let swarm: FakeSwarm
  const peers: FakePeer[] = []

  /** A peer that meets only those of its topics. */
  async function peerIn(topics: readonly string[], options: FakePeerOptions): Promise<FakePeer> {
    const { bootstrap } = swarm.testnet
    const peer = await startPeer({ bootstrap, timing, ...options })
    peers.push(peer)
    for (const topic of topics) await peer.swarm.join(topicOf(topic))
    return peer
  }

  beforeAll(async () => {
    swarm = await createFakeSwarm()
  })
  afterAll(async () => {
    await Promise.all(peers.map((peer) => peer.close()))
    await swarm.close()
  })

  it('hear of each other through those between them, connect when one needs the other, and forget who is gone', async () => {
    const near = await peerIn(['here'], { ranges: [{ first: 0, end: 2 }] })
    await peerIn(['here', 'there'], { ranges: [{ first: 2, end: 4 }] })
    const far = await peerIn(['there'], { ranges: [{ first: 4, end: 6 }] })
    const { self } = far.swarm
    const farStages = () => near.swarm.stages().filter(({ peer }) => peer === self)

    await expect
      .poll(() => farStages().map(({ offer }) => offer.range))
      .toEqual([{ first: 4, end: 6 }])
    expect(near.swarm.connected().map(({ peer }) => peer)).not.toContain(self)

    await far.close()
    await expect(near.swarm.link(self)).rejects.toMatchObject({ code: 'peer-unreachable' })
    expect(farStages()).toEqual([])

    const another = await peerIn(['there'], { ranges: [{ first: 4, end: 6 }] })
    await expect
      .poll(() => near.swarm.stages().some(({ peer }) => peer === another.swarm.self))
      .toBe(true)
    const link = await near.swarm.link(another.swarm.self)
    expect(link.peer).toBe(another.swarm.self)
  })
})
