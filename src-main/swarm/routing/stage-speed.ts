import type { ReachableStage } from '#contract/announce.ts'

/** Stands for a layer's time where nobody said or measured anything, in microseconds: worse than most, so that any figure wins. */
const unknownMicrosPerLayer = 5_000

/**
 * The middle of what is known of these stages, in microseconds per layer: of what this peer measured itself, where it measured
 * anything; else of what the peers claim. Half of them would have to lie together to move it.
 */
export function typicalMicrosPerLayer(stages: readonly ReachableStage[]): number {
  const measured = stages.flatMap(({ measured }) => measured?.microsPerLayer ?? [])
  const claimed = stages.flatMap(({ offer }) => offer.microsPerLayer ?? [])
  const known = (measured.length > 0 ? measured : claimed).toSorted((a, b) => a - b)
  return known[known.length >> 1] ?? unknownMicrosPerLayer
}

/**
 * How long this stage takes for one layer, as far as it can be believed. Measured counts; a claim counts only where it makes its peer
 * look worse than the typical one, because nobody gains by such a lie.
 */
export function believedMicrosPerLayer(
  { isLocal, measured, offer }: ReachableStage,
  typical: number
): number {
  if (measured !== undefined) return measured.microsPerLayer
  // This peer's own figure is a measurement of its own.
  if (isLocal) return offer.microsPerLayer ?? typical
  return Math.max(offer.microsPerLayer ?? typical, typical)
}
