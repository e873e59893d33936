import { expect, test, vi } from 'vitest'
import type { Announcement } from '#contract/announce.ts'
import { modelKeySchema } from '#contract/model.ts'
import { peerKeySchema } from '#contract/peer.ts'
import { SelfAnnouncer } from '#swarm/self-announcer.ts'
import { defaultTiming } from '#swarm/swarm-timing.ts'

const offer = {
  model: modelKeySchema.parse('aa'.repeat(32)),
  range: { first: 0, end: 2 },
  layers: 4,
  width: 8,
  slots: 1,
  freeSlots: 1,
  contextTokens: 100,
  freeTokens: 100,
  dtypes: ['float32' as const]
}

test('stages are told to others only while they are lent; this peer itself knows them always', () => {
  vi.useFakeTimers()
  const sent: Announcement[] = []
  const announcer = new SelfAnnouncer({
    self: peerKeySchema.parse('bb'.repeat(32)),
    timing: defaultTiming,
    send: (announcement) => void sent.push(announcement)
  })
  announcer.start()
  for (const state of ['lending', 'idle', 'draining', 'lending'] as const) {
    announcer.set({ state, stages: [offer] })
    vi.advanceTimersByTime(defaultTiming.announceDelayMs)
    expect(announcer.stages).toEqual([offer])
  }
  announcer.stop()
  vi.useRealTimers()
  const told = sent.map(({ state, stages }) => [state, stages.length])
  expect(told).toEqual([
    ['lending', 1],
    ['idle', 0],
    ['draining', 0],
    ['lending', 1]
  ])
})
