import fc from 'fast-check'
import { expect, it } from 'vitest'
import { shareLayers } from '../../../src-main/cli/share-layers.ts'

const anywhere = (layers: number): number[] => Array.from({ length: layers }, (_, layer) => layer)

it('shares layers equally', () => {
  const shares = shareLayers({ layers: 22, boundaries: anywhere(22), architecture: 'llama' }, 3)
  expect(shares).toEqual([
    { first: 0, end: 7 },
    { first: 7, end: 15 },
    { first: 15, end: 22 }
  ])
})

it('cuts only where the model may be cut, and covers it', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 1, max: 39 }), { minLength: 1 }),
      fc.integer({ min: 1, max: 16 }),
      (cuts, peers) => {
        fc.pre(peers - 1 <= cuts.length)
        const boundaries = [0, ...cuts.toSorted((a, b) => a - b)]
        const shares = shareLayers({ layers: 40, boundaries, architecture: 'llama' }, peers)
        expect(shares).toHaveLength(peers)
        expect(shares.at(-1)?.end).toBe(40)
        for (const [index, { first, end }] of shares.entries()) {
          expect(first).toBe(shares[index - 1]?.end ?? 0)
          expect(boundaries).toContain(first)
          expect(end).toBeGreaterThan(first)
        }
      }
    )
  )
})

it('says why a model cannot be shared', () => {
  const whole = { layers: 6, boundaries: [0], architecture: 'rare' }
  expect(() => shareLayers(whole, 2)).toThrow(/architecture-not-splittable/)
  expect(shareLayers(whole, 1)).toEqual([{ first: 0, end: 6 }])
  const few = { layers: 6, boundaries: [0, 3], architecture: 'llama' }
  expect(() => shareLayers(few, 3)).toThrow(/range-not-allowed/)
})
