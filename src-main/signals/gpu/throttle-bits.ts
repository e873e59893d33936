import type { ThrottleCause } from '#contract/signals.ts'

/** Bits of `nvmlClocksThrottleReasons`. That a card idles (bit 0) or has its clocks set by somebody (bits 1 and 8) is no throttling. */
const bits: readonly (readonly [bit: bigint, cause: ThrottleCause])[] = [
  [0x4n, 'power'],
  [0x8n, 'hardware'],
  [0x10n, 'other'],
  [0x20n, 'heat'],
  [0x40n, 'heat'],
  [0x80n, 'power']
]

export function throttleCausesOf(mask: bigint): readonly ThrottleCause[] {
  return [...new Set(bits.filter(([bit]) => (mask & bit) !== 0n).map(([, cause]) => cause))]
}
