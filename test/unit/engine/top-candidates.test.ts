import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expOfMinus } from '#engine/child/exponential.ts'
import { topCandidates } from '#engine/child/top-candidates.ts'

/** The same by a full sort. */
function naive(row: Float32Array, count: number) {
  const order = [...row.keys()].sort((a, b) => (row[b] ?? 0) - (row[a] ?? 0) || a - b)
  const best = Math.max(...row)
  const sum = row.reduce((total, logit) => total + Math.exp(logit - best), 0)
  const tokens = order.slice(0, count)
  return {
    tokens: Int32Array.from(tokens),
    logits: Float32Array.from(tokens, (token) => row[token] ?? 0),
    logSumExp: best + Math.log(sum)
  }
}

const rows = fc.float32Array({ min: -100, max: 100, noNaN: true, minLength: 1, maxLength: 300 })
/** Few values, so that many are the same. */
const tiedRows = fc
  .array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 300 })
  .map((values) => Float32Array.from(values))

describe('topCandidates', () => {
  it('gives what a full sort gives', () => {
    fc.assert(
      fc.property(fc.oneof(rows, tiedRows), fc.integer({ min: 0, max: 300 }), (row, count) => {
        const expected = naive(row, count)
        const found = topCandidates(row, count)
        expect(found.tokens).toEqual(expected.tokens)
        expect(found.logits).toEqual(expected.logits)
        expect(found.logSumExp).toBeCloseTo(expected.logSumExp, 9)
      })
    )
  })

  it('takes tokens that the model forbids by a logit of minus infinity', () => {
    const { tokens, logSumExp } = topCandidates(Float32Array.of(-Infinity, 1, -Infinity, 2), 4)
    expect(tokens).toEqual(Int32Array.of(3, 1, 0, 2))
    expect(logSumExp).toBeCloseTo(Math.log(Math.E + Math.E ** 2), 9)
  })

  it.each([
    ['NaN', [1, Number.NaN, 2]],
    ['infinity', [1, Infinity]],
    ['nothing possible', [-Infinity, -Infinity]],
    ['an empty row', []]
  ])('refuses a row with %s', (_, values) => {
    expect(() => topCandidates(Float32Array.from(values), 2)).toThrow('engine-decode-failed')
  })
})

describe('expOfMinus', () => {
  it('is the exponential to ten digits', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 39.99, noNaN: true }), (x) => {
        expect(expOfMinus(x) / Math.exp(-x)).toBeCloseTo(1, 10)
      })
    )
  })
})
