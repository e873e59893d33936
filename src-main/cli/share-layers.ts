import { SkeinError } from '#contract/errors.ts'
import type { LayerRange, ModelInfo } from '#contract/model.ts'

/**
 * Equal shares of a model's layers, as equal as the places allow where it may be cut. Throws `architecture-not-splittable` for a model
 * that is served whole only, `range-not-allowed` when it has too few such places.
 */
export function shareLayers(
  model: Pick<ModelInfo, 'layers' | 'boundaries' | 'architecture'>,
  peers: number
): LayerRange[] {
  const cuts = model.boundaries.filter((layer) => layer > 0)
  if (peers > 1 && cuts.length === 0) {
    throw new SkeinError('architecture-not-splittable', model.architecture)
  }
  if (peers - 1 > cuts.length) {
    throw new SkeinError(
      'range-not-allowed',
      `${peers} peers, ${model.layers} layers, ${cuts.length} places to cut`
    )
  }
  const chosen: number[] = []
  for (let share = 1; share < peers; share++) {
    const wanted = (model.layers * share) / peers
    // Leaves enough places for the shares that follow.
    const left = cuts
      .slice(0, cuts.length - (peers - 1 - share))
      .filter((cut) => cut > (chosen.at(-1) ?? 0))
    chosen.push(nearest(left, wanted))
  }
  const ends = [...chosen, model.layers]
  return ends.map((end, index) => ({ first: ends[index - 1] ?? 0, end }))
}

function nearest(cuts: readonly number[], wanted: number): number {
  return cuts.reduce((best, cut) => (Math.abs(cut - wanted) < Math.abs(best - wanted) ? cut : best))
}
