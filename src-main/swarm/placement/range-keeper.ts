import type { LayerRange } from '#contract/model.ts'
import { gapAdvantage, MovePatience } from './move-patience.ts'
import { placeRange, type Placement, type PlacementQuestion } from './place-range.ts'

/** Between two looks of which each counts: a thin range can wait, and each move is a download. */
const lookMs = 60 * 60_000
/** Between two looks while layers have no host: others may be about to fill the gap, and then this peer need not. */
export const gapLookMs = 60_000

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
  #countedAt = -Infinity

  /**
   * May be called at any time, in monotonic milliseconds; looks that come sooner than asked for see gaps and nothing else. A peer that comes
   * back takes up what it held, whose weights are on its disk, and looks on from there: it knows too few others yet to judge.
   */
  look(question: PlacementQuestion, now: number): RangeDecision {
    const { held } = question
    const placement = placeRange(question)
    if (placement === undefined) return { kind: 'idle', nextLookMs: lookMs }
    const { range, advantage } = placement
    const take: RangeDecision = { kind: 'take', range, nextLookMs: lookMs }
    if (held === undefined || advantage === Infinity) return take
    const isGap = advantage >= gapAdvantage
    const keep: RangeDecision = {
      kind: 'keep',
      range: held,
      nextLookMs: isGap ? gapLookMs : lookMs
    }
    if (now - this.#countedAt < (isGap ? gapLookMs : lookMs) / 2) return keep
    this.#countedAt = now
    return this.#isTime(question, placement) ? take : keep
  }

  #isTime({ self, grid, others }: PlacementQuestion, placement: Placement): boolean {
    const peers = others.map(({ peer }) => peer)
    return this.#patience.isTime({ self, placement, layers: grid.layers, others: peers })
  }
}
