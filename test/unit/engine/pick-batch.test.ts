import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pickBatch } from '#engine/child/pick-batch.ts'

const step = (slot: number, rows: number, outputRows = 0) => ({ slot, rows, outputRows })
const capacity = { rows: 67, outputRows: 8 }

describe('pickBatch', () => {
  it('takes single rows beside the oldest prompt', () => {
    const prompt = step(0, 64)
    const rows = [step(1, 1, 1), step(2, 1, 1), step(3, 1, 1)]
    expect(pickBatch([prompt, ...rows], capacity)).toEqual([prompt, ...rows])
  })

  it('lets single rows pass a second prompt', () => {
    const [first, second, row] = [step(0, 40), step(1, 40), step(2, 1, 1)]
    expect(pickBatch([first, second, row], capacity)).toEqual([first, row])
  })

  it('never lets single rows pass the oldest prompt', () => {
    const prompt = step(0, 64)
    const rows = Array.from({ length: 10 }, (_, slot) => step(slot + 1, 8))
    expect(pickBatch([prompt, ...rows], capacity)[0]).toBe(prompt)
  })

  it('takes one step of each slot, the oldest', () => {
    const first = step(0, 4)
    expect(pickBatch([first, step(0, 4), step(0, 4)], capacity)).toEqual([first])
  })

  it('counts output rows too', () => {
    const steps = [step(0, 8, 6), step(1, 8, 6), step(2, 2, 2)]
    expect(pickBatch(steps, capacity)).toEqual([steps[0], steps[2]])
  })

  it('never exceeds the capacity and always takes the oldest', () => {
    const steps = fc.array(
      fc.record({
        slot: fc.nat(6),
        rows: fc.integer({ min: 1, max: 64 }),
        outputRows: fc.nat(8)
      }),
      { minLength: 1 }
    )
    fc.assert(
      fc.property(steps, (waiting) => {
        const picked = pickBatch(waiting, capacity)
        const sum = (key: 'rows' | 'outputRows') =>
          picked.reduce((total, entry) => total + entry[key], 0)
        expect(picked[0]).toBe(waiting[0])
        expect(sum('rows')).toBeLessThanOrEqual(capacity.rows)
        expect(sum('outputRows')).toBeLessThanOrEqual(capacity.outputRows)
        expect(new Set(picked.map(({ slot }) => slot)).size).toBe(picked.length)
      })
    )
  })
})
