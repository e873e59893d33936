import { expect, test } from 'vitest'
import { plants } from '#test/support/guest/plants.ts'
import { simulate, type Outcome } from '#test/support/guest/simulate.ts'

function expectGuest(outcome: Outcome): void {
  expect(outcome.minutesAbove).toBe(0)
  expect(outcome.overshootCelsius).toBeLessThanOrEqual(1)
  expect(outcome.overshootWatts).toBeLessThanOrEqual(0.03)
  expect(outcome.used).toBeGreaterThanOrEqual(0.9)
  expect(outcome.changesInAnHour).toBeLessThanOrEqual(4)
}

test.each([
  ['a hot desktop', { gpuWatts: 0 }, false],
  ['a laptop', { gpuWatts: 45 }, true],
  ['a quick one', { gpuWatts: 175 }, false]
] as const)('a week of %s: %o', (name, settings, hasBattery) => {
  const outcome = simulate({ model: plants[name], settings, hasBattery, days: 7, seed: 7 })
  expectGuest(outcome)
  expect(outcome.hoursLent).toBeGreaterThan(80)
})

test.each(['a cool desktop', 'a slow one', 'an oven'] as const)(
  'a day of %s, with a ceiling of half its power and without one',
  (name) => {
    const model = plants[name]
    for (const gpuWatts of [0, Math.round(model.fullWatts / 2)]) {
      expectGuest(simulate({ model, settings: { gpuWatts }, hasBattery: false, days: 1, seed: 11 }))
    }
  }
)

test('a ceiling that is lower still is kept too, at the price of some caution', () => {
  const model = plants['a hot desktop']
  const outcome = simulate({
    model,
    settings: { gpuWatts: 75 },
    hasBattery: false,
    days: 1,
    seed: 3
  })
  expect(outcome.minutesAbove).toBe(0)
  expect(outcome.used).toBeGreaterThan(0.8)
})

test('hours of the night only: nothing outside of them, nearly all inside', () => {
  const outcome = simulate({
    model: plants['a hot desktop'],
    settings: { computeSchedule: '23:00-07:00', gpuCelsius: 70 },
    hasBattery: false,
    days: 2,
    seed: 5
  })
  // Two nights, 16 hours in all; the person stays up until midnight.
  expect(outcome.hoursLent).toBeGreaterThan(12.5)
  expect(outcome.hoursLent).toBeLessThanOrEqual(16)
  expect(outcome.minutesAbove).toBe(0)
})
