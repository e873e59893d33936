import fc from 'fast-check'
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

/** When lending began or stopped, milliseconds, as `knownAt` goes on. */
function changesOver(millis: number, stepMs: number, knownAt: (at: number) => Known): number[] {
  const changes: number[] = []
  let decided: Decided | undefined
  for (let at = 0; at < millis; at += stepMs) {
    const before = decided?.decision.state
    decided = decide(decided?.state ?? firstState, knownAt(at), later(atNoon, at))
    const isChange = (before === 'lending') !== (decided.decision.state === 'lending')
    if (before !== undefined && isChange) changes.push(at)
  }
  return changes
}

function mostInAnHour(changes: readonly number[]): number {
  const counts = changes.map(
    (first) => changes.filter((at) => at >= first && at < first + hour).length
  )
  return Math.max(0, ...counts)
}

/** The signals that come and go by themselves, each on or off. */
const noises: readonly Change[] = [
  { signals: { onBattery: value(true) } },
  { signals: { fullScreen: value(true) } },
  { signals: { cpuByOthers: value(0.9) } },
  { signals: { metered: value(true) } },
  { signals: { thermalState: value('serious') } },
  { signals: { memory: unavailable('timed-out') } },
  { signals: { gpus: unavailable('gone') } }
]
const battery = knownWith({ signals: { onBattery: value(true) } })
/** Those that count at once. */
const quick = noises.filter((noise) => noise.signals?.cpuByOthers === undefined)

test('a signal that comes and goes every two minutes stops lending at most twice an hour', () => {
  const changes = changesOver(6 * hour, 1000, (at) =>
    Math.floor(at / 120_000) % 2 === 0 ? knownWith() : battery
  )
  expect(mostInAnHour(changes)).toBeLessThanOrEqual(4)
  expect(changes.length).toBeGreaterThan(6)
})

test('whatever comes and goes, however fast: at most four changes in any hour', () => {
  const spells = fc.array(
    fc.record({
      noise: fc.nat(noises.length - 1),
      on: fc.integer({ min: 1, max: 900 }),
      off: fc.integer({ min: 1, max: 900 })
    }),
    { minLength: 3, maxLength: 30 }
  )
  fc.assert(
    fc.property(spells, (all) => {
      const plan = all.flatMap(({ noise, on, off }) => [
        { seconds: on, known: knownWith(noises[noise] ?? {}) },
        { seconds: off, known: knownWith() }
      ])
      const total = plan.reduce((sum, { seconds }) => sum + seconds, 0)
      const changes = changesOver(total * 1000, 1000, (at) => {
        let left = at / 1000
        for (const { seconds, known } of plan) {
          if (left < seconds) return known
          left -= seconds
        }
        return knownWith()
      })
      return mostInAnHour(changes) <= 4
    }),
    { numRuns: 25 }
  )
})

test('what may not be, is not: nothing is lent while anything is in the way', () => {
  fc.assert(
    fc.property(fc.subarray([...quick], { minLength: 1 }), (held) => {
      const { decision } = decide(firstState, knownWith(...held), atNoon)
      return decision.limits.compute.work === 'no' && decision.state !== 'lending'
    })
  )
})

test('a person who comes and goes never waits for more than their own minutes', () => {
  const changes = changesOver(3 * hour, 1000, (at) => {
    const minute = Math.floor(at / 60_000) % 12
    return knownWith({ signals: { idle: value(minute < 6 ? 0 : hour) } })
  })
  // In use for six minutes of twelve: two changes each time.
  expect(changes).toHaveLength(29)
})

test('who had to stop often says so, and until when', () => {
  let decided = decide(firstState, knownWith(), atNoon)
  const steps = [true, false, true, false].map((isOn) => (isOn ? battery : knownWith()))
  for (const [index, known] of steps.entries()) {
    for (let second = 0; second < 90; second++) {
      decided = decide(decided.state, known, later(atNoon, (index * 90 + second) * 1000))
    }
  }
  expect(decided.decision).toMatchObject({
    state: 'waiting',
    reason: 'settling',
    facts: { end: atNoon.wall + hour }
  })
  const now = later(atNoon, hour)
  expect(decide(decided.state, knownWith(), now).decision.state).toBe('lending')
})
