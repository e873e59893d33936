/** Numbers as a person reads them. */

/** 0.42 s, 12 ms. */
export function formatMillis(millis: number): string {
  return millis < 100 ? `${Math.round(millis)} ms` : `${(millis / 1000).toFixed(2)} s`
}

/** Three figures at most: 4.25, 42.5, 425. */
export function formatRate(perSecond: number): string {
  return perSecond.toLocaleString('en', { maximumSignificantDigits: 3 })
}

export function formatMegabytes(bytes: number): string {
  return (bytes / 1_000_000).toLocaleString('en', { maximumSignificantDigits: 2 })
}

/** The first letters of a peer's key: enough to tell a few peers apart. */
export function shortKey(key: string): string {
  return key.slice(0, 8)
}
