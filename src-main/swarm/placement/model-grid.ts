import type { LayerRange } from '#contract/model.ts'
import type { ModelShape } from '#contract/placement.ts'

/**
 * Into how many equal parts a model is cut. Each number is twice or one and a half times the one before: a peer whose memory lies between
 * two of them gives up a third of it at worst, and ends of coarse parts are ends of fine ones.
 */
const partings = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64] as const

/**
 * The ranges of a model that peers choose from, and what each takes. Every peer derives the same ones from the model, so the ranges of
 * peers who never spoke meet end to end. Free choice of any range was tried: with partial views, the ends of the model and whatever
 * lies between two odd cuts stayed thin (a third of the best possible throughput among 100 peers).
 */
export class ModelGrid {
  readonly layers: number
  readonly #model: ModelShape
  /** Sums of the layers' bytes up to each layer. */
  readonly #bytesUpTo: readonly number[]
  readonly #ends: ReadonlySet<number>
  readonly #partKeys: ReadonlySet<number>
  /** Parts of all partings, longest first. */
  readonly parts: readonly LayerRange[]

  constructor(model: ModelShape) {
    this.#model = model
    this.layers = model.layers
    const upTo = [0]
    for (const bytes of model.layerBytes) upTo.push((upTo.at(-1) ?? 0) + bytes)
    this.#bytesUpTo = upTo
    this.#ends = new Set([...model.boundaries, model.layers])
    const parts = new Map<number, LayerRange>()
    for (const count of partings) {
      for (const part of partsOf(model, count)) parts.set(keyOf(part), part)
    }
    this.#partKeys = new Set(parts.keys())
    this.parts = [...parts.values()].toSorted((a, b) => b.end - b.first - (a.end - a.first))
  }

  isPart(range: LayerRange): boolean {
    return this.#partKeys.has(keyOf(range))
  }

  /** What a range takes: weights, KV cache and compute buffers. */
  bytesOf({ first, end }: LayerRange): number {
    const layers = (this.#bytesUpTo[end] ?? Infinity) - (this.#bytesUpTo[first] ?? 0)
    const { firstBytes, tailBytes, stageBytes } = this.#model
    const embeddings = first === 0 ? firstBytes : 0
    const head = end === this.layers ? tailBytes : 0
    return layers + embeddings + head + stageBytes
  }

  /** Whether a range that somebody names can be one of this model. */
  isRange({ first, end }: LayerRange): boolean {
    return first < end && first < this.layers && this.#ends.has(first) && this.#ends.has(end)
  }
}

/** Equal parts, as equal as the places allow where the model may be cut; fewer where it has too few such places. */
function partsOf({ layers, boundaries }: ModelShape, count: number): LayerRange[] {
  const cuts = new Set<number>()
  for (let part = 1; part < count; part++) {
    const wanted = (layers * part) / count
    cuts.add(
      boundaries.reduce((best, cut) =>
        Math.abs(cut - wanted) < Math.abs(best - wanted) ? cut : best
      )
    )
  }
  cuts.delete(0)
  const ends = [...[...cuts].toSorted((a, b) => a - b), layers]
  return ends.map((end, index) => ({ first: ends[index - 1] ?? 0, end }))
}

function keyOf({ first, end }: LayerRange): number {
  return first * 65_536 + end
}
