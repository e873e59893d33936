import { expect, test } from 'vitest'
import { pauseEnd } from '../../../src-main/cli/pause.ts'

const noon = Date.UTC(2026, 2, 28, 12)

test.each([
  ['1h', '2026-03-28T13:00:00.000Z'],
  ['90min', '2026-03-28T13:30:00.000Z'],
  ['by-hand', 'by-hand'],
  // The next day is the one in which the clocks go forward; it begins as any other.
  ['tomorrow', '2026-03-28T23:00:00.000Z']
])('a pause of %s ends %s', (length, end) => {
  expect(pauseEnd(length, noon, 'Europe/Berlin')).toBe(end)
})

test.each(['', '1', 'h', '-1h', '1d', '99999h'])('"%s" is no length', (length) => {
  expect(() => pauseEnd(length, noon, 'UTC')).toThrow(
    expect.objectContaining({ code: 'invalid-input' })
  )
})
