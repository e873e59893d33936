import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ComputeLimits } from '#contract/decision.ts'
import type { GpuReading, Signals } from '#contract/signals.ts'
import { nextDuty, restingDuty, type DutyState } from '#host/governor/duty.ts'
import { calmSignals, unavailable, value } from '#test/support/guest/known.ts'

const free: ComputeLimits = {
  work: 'yes',
  keepsMemory: true,
  share: 1,
  shareBy: undefined,
  threads: 0,
  gpuCelsius: 80,
  cpuCelsius: 85,
  gpuWatts: Infinity,
  gpuMemoryBytes: new Map(),
  memoryBytes: undefined
}

const withGpu = (gpu: Partial<GpuReading>): Signals => ({
  ...calmSignals,
  gpus: value([{ id: 'a', name: 'b', ...gpu }])
})

/** Seconds of the same signals. */
function run(
  seconds: number,
  limits: ComputeLimits,
  signals: Signals,
  from = restingDuty
): DutyState {
  let state = from
  for (let second = 0; second < seconds; second++) {
    state = nextDuty(state, limits, signals, { seconds: 1, used: state.duty })
  }
  return state
}

test('far below its ceilings a computer comes to full speed within a minute', () => {
  expect(run(60, free, calmSignals)).toMatchObject({ duty: 1, limitedBy: undefined })
})

test('where work may not go on there is none, at once', () => {
  const full = run(60, free, calmSignals)
  const stopped = nextDuty(full, { ...free, work: 'no' }, calmSignals, { seconds: 1, used: 1 })
  expect(stopped.duty).toBe(0)
  expect(
    nextDuty(full, { ...free, work: 'finish' }, calmSignals, { seconds: 1, used: 1 }).duty
  ).toBe(1)
})

test('it says what holds it', () => {
  expect(run(60, { ...free, share: 0.3, shareBy: 'in-use' }, calmSignals)).toMatchObject({
    duty: 0.3,
    limitedBy: 'in-use'
  })
  expect(run(200, free, withGpu({ celsius: 82 })).limitedBy).toBe('gpu-temperature')
  expect(
    run(200, { ...free, gpuWatts: 100 }, withGpu({ watts: 130, wattsLimit: 200 })).limitedBy
  ).toBe('gpu-power')
  expect(run(200, free, { ...withGpu({ celsius: 50 }), cpuCelsius: value(88) }).limitedBy).toBe(
    'cpu-temperature'
  )
})

test('while little is computed nothing is learned of more', () => {
  let state = run(5, free, calmSignals)
  const { duty } = state
  for (let second = 0; second < 60; second++) {
    state = nextDuty(state, free, calmSignals, { seconds: 1, used: 0.01 })
  }
  expect(state.duty).toBe(duty)
})

test('after sleep it begins anew', () => {
  const full = run(60, free, calmSignals)
  expect(nextDuty(full, free, calmSignals, { seconds: 3600, used: 0 }).duty).toBeLessThan(0.2)
})

test('a sensor that is gone holds nothing up: that is the policy’s to weigh', () => {
  const blind: Signals = {
    ...calmSignals,
    gpus: unavailable('gone'),
    cpuCelsius: unavailable('failed')
  }
  expect(run(2, { ...free, share: 0.5, shareBy: 'unknown-temperature' }, blind)).toMatchObject({
    duty: 0.5,
    limitedBy: 'unknown-temperature'
  })
})

test('whatever is measured, the share is one, and never more than what is allowed', () => {
  const number = fc.oneof(fc.double({ min: -10, max: 500, noNaN: true }), fc.constant(undefined))
  fc.assert(
    fc.property(
      fc.array(fc.tuple(number, number, fc.double({ min: 0.01, max: 20, noNaN: true })), {
        maxLength: 50
      }),
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      (steps, share) => {
        let state = restingDuty
        return steps.every(([celsius, watts, seconds]) => {
          const gpu = {
            ...(celsius === undefined ? {} : { celsius }),
            ...(watts === undefined ? {} : { watts })
          }
          const limits = { ...free, share, gpuWatts: 120 }
          state = nextDuty(state, limits, withGpu(gpu), { seconds, used: state.duty })
          return state.duty >= 0 && state.duty <= share
        })
      }
    )
  )
})
