import fc from 'fast-check'
import { expect, it } from 'vitest'
import { prefillRows } from '#session/prefill-rows.ts'

it('gives one stage the largest chunks, and several smaller ones', () => {
  expect(prefillRows(512, 1, 128)).toEqual([128, 128, 128, 128])
  expect(prefillRows(512, 2, 128)).toEqual(Array.from({ length: 8 }, () => 64))
  expect(prefillRows(20, 3, 128)).toEqual([20])
})

it('gives a rest of a few rows to the chunk before it', () => {
  expect(prefillRows(257, 2, 128)).toEqual([32, 32, 32, 32, 32, 32, 32, 33])
  expect(prefillRows(129, 1, 128)).toEqual([128, 1])
  expect(prefillRows(250, 2, 128)).toEqual([32, 32, 32, 32, 32, 32, 32, 26])
})

it('gives all rows, never more at once than asked for, and whole blocks but for the last', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5000 }),
      fc.integer({ min: 1, max: 16 }),
      fc.integer({ min: 1, max: 512 }),
      (tokens, stages, preferred) => {
        const chunks = prefillRows(tokens, stages, preferred)
        expect(chunks.reduce((sum, rows) => sum + rows, 0)).toBe(tokens)
        expect(Math.min(...chunks)).toBeGreaterThan(0)
        expect(Math.max(...chunks)).toBeLessThanOrEqual(preferred)
        const [first = 0, ...others] = chunks.slice(0, -1)
        expect(others.every((rows) => rows === first)).toBe(true)
        expect(first < 16 || first % 16 === 0).toBe(true)
      }
    )
  )
})
