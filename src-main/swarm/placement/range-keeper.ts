import type { LayerRange } from '#contract/model.ts'
import { gapAdvantage, moveAdvantage, MovePatience } from './move-patience.ts'
import { placeRange, type PlacementQuestion } from './place-range.ts'

/** Between two looks at the swarm: a thin range can wait, and each move is a download. */
const lookMs = 45 * 60_000
/** Between two looks while layers have no host: others may be about to fill the gap, and then this peer need not. */
const gapLookMs = 60_000

export interface RangeDecision {
  /** `idle`: there is room for no range at all. */
  readonly kind: 'idle' | 'keep' | 'take'
  /** What to host from now on; absent when idle. */
  readonly range?: LayerRange
  /** When to look again, in milliseconds from now. */
  readonly nextLookMs: number
}

/** Decides at each look what a peer hosts: what helps most when it comes, and that for good unless the swarm clearly needs it elsewhere. */
export class RangeKeeper {
  readonly #patience = new MovePatience()

  /** `isServing`: the held range is loaded; else its weights are on disk, and leaving it costs nobody anything. */
  look(question: PlacementQuestion, isServing: boolean): RangeDecision {
    const { held, self, grid, others } = question
    const placement = placeRange(question)
    if (placement === undefined) return { kind: 'idle', nextLookMs: lookMs }
    const { range, advantage } = placement
    if (held === undefined || advantage === Infinity)
      return { kind: 'take', range, nextLookMs: lookMs }
    const nextLookMs = advantage >= gapAdvantage ? gapLookMs : lookMs
    const isTime = isServing
      ? this.#patience.isTime({
          self,
          placement,
          layers: grid.layers,
          others: others.map(({ peer }) => peer)
        })
      : advantage >= moveAdvantage
    return isTime
      ? { kind: 'take', range, nextLookMs: lookMs }
      : { kind: 'keep', range: held, nextLookMs }
  }
}
