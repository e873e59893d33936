import { expect, test } from 'vitest'
import {
  formatMegabytes,
  formatMillis,
  formatRate,
  shortKey
} from '../../../src-renderer/lib/format.ts'

test('numbers as a person reads them', () => {
  expect([0.4, 7.2, 99, 184, 12_345].map(formatMillis)).toEqual([
    '0 ms',
    '7 ms',
    '99 ms',
    '0.18 s',
    '12.35 s'
  ])
  expect([0.8881, 42.49, 1080.2].map(formatRate)).toEqual(['0.888', '42.5', '1,080'])
  expect(formatMegabytes(2_983_264)).toBe('3')
  expect(shortKey('ab'.repeat(32))).toBe('abababab')
})
