import { describe, expect, it } from 'vitest'
import { MovePatience, type MoveWish } from '#swarm/placement/move-patience.ts'
import { numberedPeer } from '#test/support/fakes/reachable-stage.ts'

const peers = Array.from({ length: 100 }, (_, peer) => numberedPeer(peer))
const thin = { first: 0, end: 4 }

function wish(peer: number, advantage: number): MoveWish {
  return {
    self: numberedPeer(peer),
    placement: { range: thin, advantage },
    layers: 8,
    others: peers
  }
}

/** Which of the hundred peers move at each look, when all see the same and none of them changes it. */
function movers(advantage: number, looks: number): number[] {
  const patiences = peers.map(() => new MovePatience())
  const staying = new Set(peers.keys())
  return Array.from({ length: looks }, () => {
    const moving = [...staying].filter((peer) => patiences[peer]?.isTime(wish(peer, advantage)))
    for (const peer of moving) staying.delete(peer)
    return moving.length
  })
}

describe('the patience of a peer that hosts a healthy range', () => {
  it('moves for no small gain, however long it lasts', () => {
    expect(movers(5.9, 50)).toEqual(Array.from({ length: 50 }, () => 0))
  })

  it('moves for a large one that lasts, a few peers at a time', () => {
    const [first, second, third = 0] = movers(25, 3)
    expect([first, second]).toEqual([0, 0])
    expect(third).toBeGreaterThan(0)
    expect(third).toBeLessThan(40)
  })

  it('begins to count anew when the gain was gone between', () => {
    const patience = new MovePatience()
    const looks = [25, 25, 1, 25, 25].map((advantage) => patience.isTime(wish(1, advantage)))
    expect(looks).toEqual([false, false, false, false, false])
  })

  it('lets somebody fill a gap at once, and never everybody', () => {
    const [first = 0] = movers(1e6, 1)
    expect(first).toBeGreaterThan(0)
    expect(first).toBeLessThan(20)
  })

  it('lets the only one that is there fill a gap at once', () => {
    const alone = { ...wish(1, 1e6), others: [] }
    expect(new MovePatience().isTime(alone)).toBe(true)
  })
})
