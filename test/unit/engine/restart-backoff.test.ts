import { describe, expect, it } from 'vitest'
import { RestartBackoff } from '#engine/restart-backoff.ts'

const options = { firstMs: 100, mostMs: 500, attempts: 4, soundAfterMs: 10_000 }

describe('RestartBackoff', () => {
  it('doubles up to its bound and then gives up', () => {
    const backoff = new RestartBackoff(options)
    const waits = [1, 2, 3, 4, 5].map(() => backoff.next(0, 1))
    expect(waits).toEqual([100, 200, 400, 500, undefined])
  })

  it('spreads over the second half of the wait', () => {
    expect(new RestartBackoff(options).next(0, 0)).toBe(50)
    expect(new RestartBackoff(options).next(0, 0.5)).toBe(75)
  })

  it('begins anew after a process that lived long enough', () => {
    const backoff = new RestartBackoff(options)
    for (let crash = 0; crash < 5; crash++) backoff.next(9_999, 1)
    expect(backoff.next(9_999, 1)).toBeUndefined()
    expect(backoff.next(10_000, 1)).toBe(100)
    expect(backoff.next(0, 1)).toBe(200)
  })
})
