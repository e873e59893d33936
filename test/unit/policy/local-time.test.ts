import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseTariff } from '#contract/tariff.ts'
import { dayNames, parseWeekTimes } from '#contract/week-times.ts'
import { cheaperFrom, electricityPrice } from '#policy/electricity.ts'
import { minuteOfWeek, monthAround, nextMidnight, offsetAt } from '#policy/local-time.ts'
import { isOpen, scheduleChange } from '#policy/schedule.ts'
import type { Now } from '#policy/known.ts'

const at = (text: string, timeZone: string): Now => ({
  wall: Date.parse(text),
  monotonic: 0,
  timeZone
})
const iso = (epoch: number | undefined): string | undefined =>
  epoch === undefined ? undefined : new Date(epoch).toISOString()

test.each([
  ['always', 7],
  ['never', 0],
  ['22:00-07:00', 7],
  ['mon-fri 22:00-07:00; sat,sun', 7],
  ['fri-mon 9-17', 4],
  ['Mon,wed 00:00-24:00', 2]
])('"%s" are times of the week: %d spans', (text, spans) => {
  expect(parseWeekTimes(text)).toHaveLength(spans)
})

test.each(['', 'mon-', 'mon-tue-wed', '25:00-26:00', '9:60-10:00', 'mon 9-17 x', '24:00-3', ';'])(
  '"%s" are none',
  (text) => {
    expect(parseWeekTimes(text)).toBeUndefined()
  }
)

test.each(['cheap', '0.3;', '0.3; mon', '0.3; mon 9-17 dear', '1e9', '0.3; 9-17 mon 0.2'])(
  '"%s" is no tariff',
  (text) => {
    expect(parseTariff(text)).toBeUndefined()
  }
)

test('hours that reach into the next day belong to the day on which they begin', () => {
  const schedule = 'fri 22:00-07:00'
  const when = (text: string): boolean => isOpen(schedule, at(text, 'UTC'))
  // 2026-11-20 is a Friday.
  expect(when('2026-11-20T21:59:00Z')).toBe(false)
  expect(when('2026-11-20T22:00:00Z')).toBe(true)
  expect(when('2026-11-21T06:59:00Z')).toBe(true)
  expect(when('2026-11-21T07:00:00Z')).toBe(false)
  expect(when('2026-11-20T06:00:00Z')).toBe(false)
  expect(isOpen('sun 22:00-07:00', at('2026-11-23T03:00:00Z', 'UTC'))).toBe(true)
})

test('a schedule is of the person’s own clock, and follows its changes', () => {
  const night = '22:00-07:00'
  expect(iso(scheduleChange(night, at('2026-11-18T12:00:00Z', 'Europe/Berlin')))).toBe(
    '2026-11-18T21:00:00.000Z'
  )
  expect(iso(scheduleChange(night, at('2026-11-18T12:00:00Z', 'Asia/Kolkata')))).toBe(
    '2026-11-18T16:30:00.000Z'
  )
  // The night in which clocks go forward is an hour shorter, that in which they go back an hour longer.
  expect(iso(scheduleChange(night, at('2026-03-28T23:00:00Z', 'Europe/Berlin')))).toBe(
    '2026-03-29T05:00:00.000Z'
  )
  expect(iso(scheduleChange(night, at('2026-10-24T22:00:00Z', 'Europe/Berlin')))).toBe(
    '2026-10-25T06:00:00.000Z'
  )
})

test('hours that the clocks skip begin when the clocks have skipped them', () => {
  const now = at('2026-03-28T22:00:00Z', 'Europe/Berlin')
  // 02:30 does not exist that night: at 01:00 UTC the clocks go from 02:00 to 03:00.
  expect(iso(scheduleChange('sun 02:30-05:00', now))).toBe('2026-03-29T01:00:00.000Z')
  expect(isOpen('sun 02:00-03:00', at('2026-03-29T01:00:00Z', 'Europe/Berlin'))).toBe(false)
})

test('hours that the clocks show twice hold twice', () => {
  const schedule = 'sun 02:00-03:00'
  const open = (text: string): boolean => isOpen(schedule, at(text, 'Europe/Berlin'))
  expect(open('2026-10-25T00:30:00Z')).toBe(true)
  expect(open('2026-10-25T01:30:00Z')).toBe(true)
  expect(open('2026-10-25T02:00:00Z')).toBe(false)
})

test('what never changes has no next change', () => {
  expect(scheduleChange('never', at('2026-11-18T12:00:00Z', 'UTC'))).toBeUndefined()
  expect(scheduleChange('00:00-24:00', at('2026-03-28T12:00:00Z', 'Europe/Berlin'))).toBe(undefined)
})

test('a price by time of use, and when it is next below a ceiling', () => {
  const tariff = '0.30; mon-fri 17:00-21:00 0.45; sat,sun 0.25; 3-5 0.10'
  const price = (text: string) => electricityPrice(tariff, at(text, 'UTC'))
  expect(price('2026-11-18T12:00:00Z')).toBe(0.3)
  expect(price('2026-11-18T17:00:00Z')).toBe(0.45)
  expect(price('2026-11-21T17:00:00Z')).toBe(0.25)
  expect(price('2026-11-21T03:00:00Z')).toBe(0.1)
  expect(electricityPrice('', at('2026-11-18T12:00:00Z', 'UTC'))).toBeUndefined()
  expect(iso(cheaperFrom(tariff, 0.3, at('2026-11-18T18:00:00Z', 'UTC')))).toBe(
    '2026-11-18T21:00:00.000Z'
  )
  expect(cheaperFrom(tariff, 0.05, at('2026-11-18T18:00:00Z', 'UTC'))).toBeUndefined()
})

test('months begin on the person’s day, at their midnight', () => {
  const around = (text: string, zone: string, day: number) => {
    const { start, end } = monthAround(Date.parse(text), zone, day)
    return [iso(start), iso(end)]
  }
  expect(around('2026-11-18T12:00:00Z', 'UTC', 1)).toEqual([
    '2026-11-01T00:00:00.000Z',
    '2026-12-01T00:00:00.000Z'
  ])
  expect(around('2027-01-05T12:00:00Z', 'Europe/Berlin', 20)).toEqual([
    '2026-12-19T23:00:00.000Z',
    '2027-01-19T23:00:00.000Z'
  ])
  expect(iso(nextMidnight(Date.parse('2026-03-28T23:30:00Z'), 'Europe/Berlin'))).toBe(
    '2026-03-29T22:00:00.000Z'
  )
})

const zones = ['UTC', 'Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'Asia/Kathmandu']
const moments = fc.integer({ min: Date.UTC(2025, 0), max: Date.UTC(2030, 0) })
const schedules = fc
  .array(fc.tuple(fc.constantFrom(...dayNames), fc.nat(23), fc.nat(59), fc.nat(23), fc.nat(59)), {
    minLength: 1,
    maxLength: 3
  })
  .map((parts) =>
    parts.map(([day, h, m, h2, m2]) => `${day} ${h}:${two(m)}-${h2}:${two(m2)}`).join('; ')
  )
const two = (value: number): string => String(value).padStart(2, '0')

test('whatever the zone: until the next change nothing changes, and then it does', () => {
  fc.assert(
    fc.property(moments, fc.constantFrom(...zones), schedules, (wall, timeZone, schedule) => {
      const now = { wall, monotonic: 0, timeZone }
      const change = scheduleChange(schedule, now)
      const before = isOpen(schedule, now)
      const end = change ?? wall + 7 * 24 * 3_600_000
      for (let part = 0; part < 20; part++) {
        const moment = wall + Math.floor(((end - 1 - wall) * part) / 19)
        if (isOpen(schedule, { ...now, wall: moment }) !== before) return false
      }
      return change === undefined || isOpen(schedule, { ...now, wall: change }) !== before
    }),
    { numRuns: 300 }
  )
})

test('the offset of a zone is what its calendar says', () => {
  fc.assert(
    fc.property(moments, fc.constantFrom(...zones), (wall, timeZone) => {
      const shown = new Intl.DateTimeFormat('en-GB', {
        timeZone,
        weekday: 'short',
        hour: '2-digit',
        minute: '2-digit',
        hourCycle: 'h23'
      }).format(wall)
      const minute = minuteOfWeek(wall, timeZone)
      const clock = `${two(Math.floor((minute % 1440) / 60))}:${two(minute % 60)}`
      const day = dayNames[Math.floor(minute / 1440)] ?? ''
      return (
        shown.endsWith(clock) &&
        shown.toLowerCase().startsWith(day) &&
        offsetAt(wall, timeZone) % 900_000 === 0
      )
    })
  )
})
