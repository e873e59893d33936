import { expect, test } from 'vitest'
import { decide, firstState, type Decided } from '#policy/decide.ts'
import type { Known } from '#policy/known.ts'
import {
  atNoon,
  hour,
  knownWith,
  later,
  unavailable,
  value,
  type Change
} from '#test/support/guest/known.ts'

/** Decides each second for a while; gives the last decision. */
function run(from: Decided | undefined, known: Known, startMs: number, seconds: number): Decided {
  let decided = from ?? decide(firstState, known, later(atNoon, startMs))
  for (let second = 0; second <= seconds; second++) {
    decided = decide(decided.state, known, later(atNoon, startMs + second * 1000))
  }
  return decided
}

const calm = knownWith()
const onBattery = knownWith({ signals: { onBattery: value(true) } })

test('back on mains power, lending resumes after a minute and not before', () => {
  const stopped = run(undefined, onBattery, 0, 10)
  expect(stopped.decision.reason).toBe('on-battery')
  const almost = run(stopped, calm, 20_000, 59)
  expect(almost.decision.reason).toBe('on-battery')
  expect(run(almost, calm, 79_000, 1).decision.state).toBe('lending')
})

test('a plug that is wriggled begins its minute again', () => {
  let decided = run(undefined, onBattery, 0, 1)
  decided = run(decided, calm, 2000, 50)
  decided = run(decided, onBattery, 53_000, 0)
  decided = run(decided, calm, 54_000, 59)
  expect(decided.decision.reason).toBe('on-battery')
  expect(run(decided, calm, 114_000, 0).decision.state).toBe('lending')
})

test('a device that was too hot has to cool by the hysteresis, and stay cool', () => {
  const at = (celsius: number): Known => knownWith({ signals: { cpuCelsius: value(celsius) } })
  let decided = run(undefined, at(84.9), 0, 60)
  expect(decided.decision.state).toBe('lending')
  decided = run(decided, at(85), 61_000, 2)
  expect(decided.decision.state).toBe('lending')
  decided = run(decided, at(85), 64_000, 1)
  expect(decided.decision.reason).toBe('too-hot')
  decided = run(decided, at(81), 70_000, 1000)
  expect(decided.decision.reason).toBe('too-hot')
  decided = run(decided, at(79), 1_100_000, 299)
  expect(decided.decision.reason).toBe('too-hot')
  expect(run(decided, at(79), 1_400_000, 1).decision.state).toBe('lending')
})

test('memory that Skein gave back has to be free beyond the floor before it is taken again', () => {
  const free = (availableBytes: number, memoryBytes: number): Known =>
    knownWith({
      signals: { memory: value({ bytes: 32e9, availableBytes }) },
      own: { memoryBytes }
    })
  let decided = run(undefined, free(4e9, 3e9), 0, 5)
  expect(decided.decision).toMatchObject({ reason: 'memory-wanted', facts: { gigabytes: 7.8 } })
  expect(decided.decision.limits.compute).toMatchObject({ work: 'no', keepsMemory: false })
  decided = run(decided, free(7e9, 0), 6000, 300)
  expect(decided.decision.reason).toBe('memory-wanted')
  decided = run(decided, free(7.9e9, 0), 310_000, 61)
  expect(decided.decision.state).toBe('lending')
})

test('input stops it at once; so does a lock end the waiting', () => {
  const used = knownWith({ signals: { idle: value(0) } })
  const lending = run(undefined, calm, 0, 1)
  const stopped = decide(lending.state, used, later(atNoon, 2000))
  expect(stopped.decision).toMatchObject({
    reason: 'in-use',
    limits: { compute: { work: 'no', keepsMemory: false } }
  })
  const locked = knownWith({ signals: { idle: value(31_000), locked: value(true) } })
  expect(decide(stopped.state, locked, later(atNoon, 33_000)).decision.state).toBe('lending')
})

test('answers at work may end where nobody minds, and not where somebody does', () => {
  const late: Change = { settings: { computeSchedule: '13-14' } }
  expect(decide(firstState, knownWith(late), atNoon).decision.limits.compute.work).toBe('finish')
  const both = knownWith(late, { signals: { idle: value(0) } })
  expect(decide(firstState, both, atNoon).decision.limits.compute.work).toBe('no')
})

test('finish then pause: finishing while answers are at work, paused after them', () => {
  const asked: Change = { settings: { pauseUntil: 'by-hand', pauseAfterAnswers: true } }
  const working = decide(firstState, knownWith(asked, { own: { answers: 2 } }), atNoon)
  expect(working.decision).toMatchObject({
    state: 'finishing',
    limits: { compute: { work: 'finish' } }
  })
  const ended = decide(working.state, knownWith(asked), later(atNoon, 1000))
  expect(ended.decision).toMatchObject({ state: 'paused', limits: { compute: { work: 'no' } } })
})

test('a pause ends at its time', () => {
  const paused = knownWith({ settings: { pauseUntil: '2026-11-18T13:00:00Z' } })
  expect(decide(firstState, paused, atNoon).decision.state).toBe('paused')
  expect(decide(firstState, paused, later(atNoon, hour)).decision.state).toBe('lending')
})

test('without idle detection: only in hours that were given, or by hand', () => {
  const blind: Change = { signals: { idle: unavailable('unsupported') } }
  const reasonWith = (settings: Change['settings']): string =>
    decide(firstState, knownWith(blind, { settings: settings ?? {} }), atNoon).decision.reason
  expect(reasonWith({})).toBe('idle-unknown')
  expect(reasonWith({ computeSchedule: '11-13' })).toBe('lending')
  expect(reasonWith({ computeSchedule: '13-14' })).toBe('outside-schedule')
  expect(reasonWith({ lendUntil: '2026-11-18T13:00:00Z' })).toBe('lending')
  expect(reasonWith({ whenInUse: 'throttle' })).toBe('lending-in-use')
})

test('the share is the least of what the settings and the unknown leave', () => {
  const shareWith = (...changes: readonly Change[]) =>
    decide(firstState, knownWith(...changes), atNoon).decision.limits.compute
  const noSensor: Change = {
    signals: { gpus: unavailable('no-device'), cpuCelsius: unavailable('unsupported') }
  }
  expect(shareWith({ settings: { computePercent: 60 } })).toMatchObject({ share: 0.6 })
  expect(shareWith(noSensor)).toMatchObject({ share: 0.5, shareBy: 'unknown-temperature' })
  expect(shareWith(noSensor, { settings: { computePercent: 30 } }).shareBy).toBe('compute-percent')
  const used: Change = { settings: { whenInUse: 'throttle' }, signals: { idle: value(0) } }
  expect(shareWith(used, noSensor)).toMatchObject({ share: 0.2, shareBy: 'in-use' })
})

test('budgets: what others and the floor leave of the memory', () => {
  const { compute } = decide(
    firstState,
    knownWith({ own: { gpuMemoryBytes: new Map([['0000:01:00.0', 0.4e9]]), memoryBytes: 1e9 } }),
    atNoon
  ).decision.limits
  // 12 GB, of which others use 0.6 and 1.8 (15 %) stay free.
  expect(compute.gpuMemoryBytes.get('0000:01:00.0')).toBeCloseTo(9.6e9)
  // 24 GB available and 1 of Skein's own; 4.8 (15 % of 32) stay free.
  expect(compute.memoryBytes).toBeCloseTo(20.2e9)
})
