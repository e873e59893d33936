import { describe, expect, it } from 'vitest'
import { LockedCores, type CoreLock } from '#engine/child/shared-cores.ts'

/** Two locks that several stages share, and timers that the test lets run one by one. */
function setUp() {
  const holders = new Map<string, string>()
  const timers = new Set<() => void>()
  const granted: string[] = []
  const lockOf = (name: string, who: string): CoreLock => ({
    tryLock: () => {
      if (holders.has(name)) return false
      holders.set(name, who)
      return true
    },
    unlock: () => {
      expect(holders.get(name)).toBe(who)
      holders.delete(name)
    }
  })
  const stage = (who: string) => {
    const locks = { now: lockOf('now', who), next: lockOf('next', who) }
    const cores = new LockedCores(locks, (_, work) => {
      timers.add(work)
      return () => timers.delete(work)
    })
    return {
      take: () => cores.take(() => granted.push(who)),
      release: () => cores.release()
    }
  }
  /** All who wait look once more. */
  const look = (): void => {
    for (const work of [...timers]) if (timers.delete(work)) work()
  }
  return { stage, look, granted, holders, timers }
}

describe('LockedCores', () => {
  it('gives free cores at once', () => {
    const { stage, granted, timers } = setUp()
    stage('a').take()
    expect(granted).toEqual(['a'])
    expect(timers.size).toBe(0)
  })

  it('lets the others wait until they are released', () => {
    const { stage, look, granted } = setUp()
    const [a, b] = [stage('a'), stage('b')]
    a.take()
    b.take()
    look()
    expect(granted).toEqual(['a'])
    a.release()
    look()
    expect(granted).toEqual(['a', 'b'])
  })

  it('gives nobody two turns in a row while another one waits', () => {
    const { stage, look, granted } = setUp()
    const [a, b] = [stage('a'), stage('b')]
    a.take()
    b.take()
    a.release()
    a.take()
    look()
    b.release()
    look()
    expect(granted).toEqual(['a', 'b', 'a'])
  })

  it('leaves the line when released while waiting, and nothing stays locked', () => {
    const { stage, look, granted, holders } = setUp()
    const [a, b, c] = [stage('a'), stage('b'), stage('c')]
    a.take()
    b.take()
    b.release()
    c.take()
    a.release()
    look()
    expect(granted).toEqual(['a', 'c'])
    c.release()
    expect(holders.size).toBe(0)
  })

  it('computes all the same when the holder never comes back', () => {
    const { stage, look, granted, holders } = setUp()
    const [stopped, b] = [stage('stopped'), stage('b')]
    stopped.take()
    b.take()
    for (let millis = 0; millis < 10_000; millis++) look()
    expect(granted).toEqual(['stopped', 'b'])
    b.release()
    expect([...holders]).toEqual([['now', 'stopped']])
  })
})
