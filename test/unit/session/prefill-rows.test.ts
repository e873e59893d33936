import fc from 'fast-check'
import { expect, it } from 'vitest'
import { prefillRows } from '#session/prefill-rows.ts'

it('gives one stage the largest chunks, and several smaller ones', () => {
  expect(prefillRows(512, 1, 128)).toBe(128)
  expect(prefillRows(512, 2, 128)).toBe(64)
  expect(prefillRows(20, 3, 128)).toBe(20)
})

it('never gives more than asked for, and no chunk much smaller than the others', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5000 }),
      fc.integer({ min: 1, max: 16 }),
      fc.integer({ min: 1, max: 512 }),
      (tokens, stages, preferred) => {
        const rows = prefillRows(tokens, stages, preferred)
        expect(rows).toBeGreaterThan(0)
        expect(rows).toBeLessThanOrEqual(preferred)
        const chunks = Math.ceil(tokens / rows)
        const last = tokens - (chunks - 1) * rows
        expect(rows - last).toBeLessThan(chunks)
      }
    )
  )
})
