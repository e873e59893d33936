import { describe, expect, it } from 'vitest'
import { peerKeySchema } from '#contract/peer.ts'
import { BanList } from '#swarm/ban-list.ts'
import { RoundTrip } from '#swarm/round-trip.ts'
import { TokenBucket } from '#swarm/token-bucket.ts'
import { agreeOnVersions } from '#swarm/versions.ts'

const peer = peerKeySchema.parse('a'.repeat(64))

describe('what a peer keeps of others', () => {
  it('bans for a while and says why', () => {
    const bans = new BanList()
    bans.add(peer, 'boundary-invalid', 100)
    expect(bans.reason(peer, 99)).toBe('boundary-invalid')
    expect(bans.reason(peer, 100)).toBeUndefined()
  })

  it('lets bursts pass and slows what lasts', () => {
    const bucket = new TokenBucket(3, 1)
    const taken = (at: number): boolean => bucket.take(at)
    expect([0, 0, 0, 0].map(taken)).toEqual([true, true, true, false])
    expect([1000, 1000].map(taken)).toEqual([true, false])
    expect([60_000, 60_000, 60_000, 60_000].map(taken)).toEqual([true, true, true, false])
  })

  it('takes the median of the last round trips', () => {
    const roundTrip = new RoundTrip()
    expect(roundTrip.median).toBeUndefined()
    for (const sample of [10, 500, 12, 11, 9]) roundTrip.add(sample)
    expect(roundTrip.median).toBe(11)
    for (let index = 0; index < 9; index++) roundTrip.add(30)
    expect(roundTrip.median).toBe(30)
  })

  it('agrees on versions, or names the protocol that there is none for', () => {
    const hello = (announce: number[], stage: number[]) => ({
      version: 'x',
      protocols: { announce, stage }
    })
    expect(agreeOnVersions(hello([3, 2], [3, 2]))).toEqual({ announce: 2, stage: 2 })
    expect(agreeOnVersions(hello([2], [1]))).toEqual({ missing: 'stage' })
    expect(agreeOnVersions({ version: 'x', protocols: {} })).toEqual({ missing: 'announce' })
  })
})
