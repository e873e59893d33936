import type { Now } from './known.ts'
import type { PolicyState } from './policy-state.ts'

const hourMs = 3_600_000
/** Changes within an hour after which lending waits before it resumes. With the resuming and another stop there are four, never more. */
const calmChanges = 2

/** When lending that stopped by something that comes and goes may resume: milliseconds, monotonic; in the past when at once. */
export function mayResumeAt({ stoppedByNoise, noisyChanges }: PolicyState): number {
  const third = noisyChanges.at(-1 - calmChanges)
  return stoppedByNoise && third !== undefined ? third + hourMs : -Infinity
}

/** The state's memory of changes after one more decision. Stopping is never put off; it only counts. */
export function afterDecision(
  { isLending: wasLending, stoppedByNoise, noisyChanges }: PolicyState,
  { isLending, isNoisy }: { readonly isLending: boolean; readonly isNoisy: boolean },
  { monotonic }: Now
): Pick<PolicyState, 'isLending' | 'stoppedByNoise' | 'noisyChanges'> {
  const recent = noisyChanges.filter((at) => monotonic - at < hourMs)
  if (isLending === wasLending) return { isLending, stoppedByNoise, noisyChanges: recent }
  const byNoise = isLending ? stoppedByNoise : isNoisy
  return {
    isLending,
    stoppedByNoise: isLending ? false : isNoisy,
    noisyChanges: byNoise ? [...recent, monotonic] : recent
  }
}
