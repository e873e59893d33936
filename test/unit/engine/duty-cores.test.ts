import { expect, test } from 'vitest'
import { DutyCores } from '#engine/child/duty-cores.ts'
import { ownCores } from '#engine/child/shared-cores.ts'
import { FakeClock } from '#test/support/guest/fake-clock.ts'

/** Calls that last `callMillis`, one after another; gives the share of `millis` that they took. */
async function computedShare(
  cores: DutyCores,
  clock: FakeClock,
  callMillis: number,
  millis: number
) {
  const end = clock.now() + millis
  let computed = 0
  const call = (): void =>
    cores.take(() => {
      clock.after(callMillis, () => {
        computed += callMillis
        cores.release()
        if (clock.now() < end) call()
      })
    })
  call()
  await clock.advance(millis)
  return computed / millis
}

test.each([1, 0.9, 0.5, 0.2, 0.05])('of the time, a share of %d is computed', async (share) => {
  const clock = new FakeClock()
  const cores = new DutyCores(ownCores, clock)
  cores.setShare(share)
  const computed = await computedShare(cores, clock, 20, 60_000)
  expect(computed).toBeGreaterThan(share * 0.95)
  expect(computed).toBeLessThan(share * 1.05)
})

test('the first call is granted at once, whatever the share', () => {
  const cores = new DutyCores(ownCores, new FakeClock())
  cores.setShare(0.02)
  let isGranted = false
  cores.take(() => (isGranted = true))
  expect(isGranted).toBe(true)
})

test('who waits out a pause goes on when the share grows', async () => {
  const clock = new FakeClock()
  const cores = new DutyCores(ownCores, clock)
  cores.setShare(0.1)
  cores.take(() => undefined)
  clock.jump(100)
  cores.release()
  let grantedAt: number | undefined
  cores.take(() => (grantedAt = clock.now()))
  await clock.advance(50)
  expect(grantedAt).toBeUndefined()
  cores.setShare(1)
  expect(grantedAt).toBe(150)
})

test('a pause after a long call has an end, and who leaves the line is not granted', async () => {
  const clock = new FakeClock()
  const cores = new DutyCores(ownCores, clock)
  cores.setShare(0.02)
  cores.take(() => undefined)
  clock.jump(3000)
  cores.release()
  let granted = 0
  cores.take(() => granted++)
  cores.release()
  await clock.advance(10_000)
  expect(granted).toBe(0)
  cores.take(() => granted++)
  expect(granted).toBe(1)
})
