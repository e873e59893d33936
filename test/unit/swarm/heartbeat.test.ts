import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Heartbeat } from '#swarm/heartbeat.ts'

describe('the heartbeat of a connection', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  function make() {
    const seen = { pings: 0, silent: 0, lost: 0, heard: 0, isNeeded: true }
    const heartbeat = new Heartbeat({
      beatMs: 100,
      silentBeats: 5,
      lostBeats: 9,
      now: () => Date.now(),
      ping: () => seen.pings++,
      heard: () => seen.heard,
      isNeeded: () => seen.isNeeded,
      onSilent: () => seen.silent++,
      onLost: () => seen.lost++
    })
    return { heartbeat, seen }
  }

  it('costs nothing while nobody uses the connection', () => {
    const { seen } = make()
    vi.advanceTimersByTime(60_000)
    expect(seen.pings).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('takes a peer for lost that sends nothing while a session needs it', () => {
    const { heartbeat, seen } = make()
    heartbeat.touch()
    for (let beat = 0; beat < 50; beat++) {
      seen.heard++
      vi.advanceTimersByTime(100)
    }
    expect(seen).toMatchObject({ silent: 0, lost: 0 })
    vi.advanceTimersByTime(600)
    expect(seen).toMatchObject({ silent: 1, lost: 0 })
    vi.advanceTimersByTime(400)
    expect(seen).toMatchObject({ silent: 1, lost: 1 })
    expect(vi.getTimerCount()).toBe(0)
  })

  it('lets a peer that was silent for a while be silent again', () => {
    const { heartbeat, seen } = make()
    heartbeat.touch()
    for (let pause = 1; pause <= 3; pause++) {
      seen.heard++
      vi.advanceTimersByTime(700)
      expect(seen).toMatchObject({ silent: pause, lost: 0 })
    }
  })

  it('stops when the sessions are over', () => {
    const { heartbeat, seen } = make()
    heartbeat.touch()
    seen.isNeeded = false
    vi.advanceTimersByTime(5000)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('measures a round trip that is longer than a beat', () => {
    const { heartbeat, seen } = make()
    heartbeat.measure()
    for (let nonce = 1; nonce <= 5; nonce++) heartbeat.onPong(nonce)
    heartbeat.touch()
    for (let beat = 1; beat <= 20; beat++) {
      seen.heard++
      vi.advanceTimersByTime(100)
      heartbeat.onPong(5 + beat - 3)
    }
    expect(heartbeat.roundTripMillis).toBe(300)
  })

  it('measures a new connection with a few pings, one after the other', () => {
    const { heartbeat, seen } = make()
    heartbeat.measure()
    for (let nonce = 1; nonce <= 10; nonce++) {
      vi.advanceTimersByTime(7)
      heartbeat.onPong(nonce)
    }
    expect(seen.pings).toBe(5)
    expect(heartbeat.roundTripMillis).toBe(7)
  })
})
