import { describe, expect, it } from 'vitest'
import type { Announcement } from '#contract/announce.ts'
import { PeerTable } from '#swarm/peer-table.ts'
import { numberedPeer } from '#test/support/fakes/reachable-stage.ts'
import { Random } from '#test/support/models/random.ts'

const said = (peer: number, sequence: number, ttlMs = 1000): Announcement => ({
  peer: numberedPeer(peer),
  sequence,
  state: 'lending',
  stages: [],
  ttlMs
})

const sequences = (table: PeerTable, now: number): number[] =>
  table.current(now).map(({ sequence }) => sequence)

describe('the table of peers', () => {
  it('holds the newest announcement until it expires', () => {
    const table = new PeerTable()
    expect(table.put(said(1, 5), { now: 0 })).toBe(true)
    expect(table.put(said(1, 5), { now: 10 })).toBe(false)
    expect(table.put(said(1, 4), { now: 10 })).toBe(false)
    expect(table.put(said(1, 6), { now: 10 })).toBe(true)
    expect(sequences(table, 1009)).toEqual([6])
    expect(sequences(table, 1010)).toEqual([])
  })

  it('holds what others pass on for as long as is left of it, and never longer than it says', () => {
    const table = new PeerTable()
    table.put(said(1, 1), { now: 0, leftMs: 300 })
    table.put(said(2, 2), { now: 0, leftMs: 90_000 })
    expect(table.put(said(3, 3), { now: 0, leftMs: 0 })).toBe(false)
    expect(sequences(table, 299)).toEqual([1, 2])
    expect(sequences(table, 300)).toEqual([2])
    expect(sequences(table, 1000)).toEqual([])
  })

  it('believes no old news of a peer that is gone, and every new one', () => {
    const table = new PeerTable()
    table.put(said(1, 5), { now: 0 })
    table.remove(numberedPeer(1))
    expect(table.put(said(1, 5), { now: 10 })).toBe(false)
    expect(table.put(said(1, 6), { now: 10 })).toBe(true)
  })

  it('is bounded, and never forgets a connected peer for another', () => {
    const random = new Random(3)
    const table = new PeerTable(20, () => random.uniform())
    for (let peer = 0; peer < 5; peer++) {
      table.put(said(peer, peer), { now: 0 })
      table.setConnected(numberedPeer(peer), true)
    }
    for (let peer = 5; peer < 500; peer++) table.put(said(peer, peer), { now: 0 })
    const held = sequences(table, 1).toSorted((a, b) => a - b)
    expect(held).toHaveLength(20)
    expect(held.slice(0, 5)).toEqual([0, 1, 2, 3, 4])
    for (const peer of [0, 1, 2, 3, 4]) table.setConnected(numberedPeer(peer), false)
    for (let peer = 500; peer < 900; peer++) table.put(said(peer, peer), { now: 0 })
    expect(sequences(table, 1).filter((sequence) => sequence < 5)).toEqual([])
  })

  it('holds as many connected peers as there is room for, and no more', () => {
    const table = new PeerTable(2)
    for (const peer of [1, 2]) {
      table.put(said(peer, peer), { now: 0 })
      table.setConnected(numberedPeer(peer), true)
    }
    expect(table.put(said(3, 3), { now: 0 })).toBe(false)
    expect(table.put(said(3, 3), { now: 1000 })).toBe(true)
  })

  it('tells others of different peers that still hold', () => {
    const table = new PeerTable()
    for (let peer = 0; peer < 30; peer++) {
      table.put(said(peer, peer, peer < 10 ? 1000 : 5000), { now: 0 })
    }
    const sample = table.sample(12, 2000).map(({ announcement }) => announcement.sequence)
    expect(new Set(sample).size).toBe(12)
    expect(Math.min(...sample)).toBeGreaterThanOrEqual(10)
    expect(table.sample(99, 2000)).toHaveLength(20)
  })
})
