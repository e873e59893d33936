import { describe, expect, it } from 'vitest'
import { checkStep, isFinite } from '#engine/child/check-step.ts'
import type { StageInfo, StageStep } from '#engine/stage-types.ts'

const info: StageInfo = {
  memory: { weightBytes: 0, cacheBytes: 0, computeBytes: 0 },
  device: 'cpu',
  width: 4,
  vocabularySize: 100,
  maxRows: 8,
  isFirst: true,
  isTail: true
}
const bounds = { info, held: 10, reserved: 14 }
const tokens: StageStep = {
  slot: 0,
  position: 10,
  rows: 2,
  outputRows: 1,
  topK: 5,
  input: { kind: 'tokens', tokens: Int32Array.of(1, 2) }
}
const middle = { ...bounds, info: { ...info, isFirst: false, isTail: false } }
const boundary: StageStep = {
  ...tokens,
  input: { kind: 'boundary', data: new Float32Array(8) }
}
const withTokens = (...values: number[]): StageStep => ({
  ...tokens,
  rows: values.length,
  input: { kind: 'tokens', tokens: Int32Array.from(values) }
})
const withValue = (value: number): StageStep => ({
  ...boundary,
  input: { kind: 'boundary', data: new Float32Array(8).fill(value, 3, 4) }
})

describe('checkStep', () => {
  it('accepts sound steps', () => {
    expect(() => checkStep(tokens, bounds)).not.toThrow()
    expect(() => checkStep(boundary, middle)).not.toThrow()
    expect(() => checkStep(withTokens(0, 99), bounds)).not.toThrow()
  })

  it.each([
    ['a token below the vocabulary', withTokens(-1)],
    ['a token past the vocabulary', withTokens(100)],
    ['no rows', { ...tokens, rows: 0 }],
    ['rows that are no number', { ...tokens, rows: Number.NaN }],
    ['more rows than a call takes', withTokens(...new Array<number>(9).fill(1))],
    ['more rows than tokens', { ...tokens, rows: 3 }],
    ['a position ahead', { ...tokens, position: 11 }],
    ['a position behind', { ...tokens, position: 9 }],
    ['a boundary for the first stage', boundary]
  ])('refuses %s', (_, step) => {
    expect(() => checkStep(step, bounds)).toThrow('boundary-invalid')
  })

  it.each([
    ['tokens for a stage in the middle', tokens],
    ['a boundary that is too short', { ...boundary, rows: 3 }],
    ['a boundary that is too long', { ...boundary, rows: 1 }],
    ['NaN', withValue(Number.NaN)],
    ['infinity', withValue(Infinity)],
    ['minus infinity', withValue(-Infinity)]
  ])('refuses %s', (_, step) => {
    expect(() => checkStep(step, middle)).toThrow('boundary-invalid')
  })

  it('refuses what does not fit the slot', () => {
    expect(() => checkStep(withTokens(1, 2, 3, 4), bounds)).not.toThrow()
    expect(() => checkStep(withTokens(1, 2, 3, 4, 5), bounds)).toThrow('context-full')
  })

  it.each([
    ['more output rows than rows', { ...tokens, outputRows: 3 }],
    ['a negative number of output rows', { ...tokens, outputRows: -1 }],
    ['more candidates than a result may hold', { ...tokens, topK: 257 }]
  ])('refuses %s', (_, step) => {
    expect(() => checkStep(step, bounds)).toThrow('invalid-input')
  })
})

describe('isFinite', () => {
  it('is true for every number that is one', () => {
    expect(isFinite(Float32Array.of(0, -0, 3.4e38, -3.4e38, 1e-45))).toBe(true)
    expect(isFinite(new Float32Array(0))).toBe(true)
  })
})
