import type { LayerRange } from '#contract/model.ts'
import type { PeerKey } from '#contract/peer.ts'
import { lot } from './lottery.ts'
import type { Placement } from './place-range.ts'

/**
 * How many times more the swarm must gain elsewhere before a peer thinks of leaving a healthy range. Gains grow with the square of how thin
 * a range is, so this is a range 2.4 times as thin as the peer's own: what a peer knows is a sample of some hundred others, in which a
 * range looks half as thin again by chance alone.
 */
const moveAdvantage = 6
/** A range whose layers nobody hosts is worth thousands of times any other: then there is no time to lose. */
export const gapAdvantage = 100
/** Looks in a row that must agree before a peer leaves a healthy range for a thin one. */
const patience = 3

/** What a peer considers when it looks whether to move. */
export interface MoveWish {
  readonly self: PeerKey
  readonly placement: Placement
  /** Layers of the model. */
  readonly layers: number
  /** Peers known to host something of the model. */
  readonly others: readonly PeerKey[]
}

/**
 * Holds a peer to its range. Moving costs a download and the sessions at work, and all peers see the same thin range at the same time: so
 * only a clear and lasting advantage counts, and peers move by turns. Their lots for the range give the order, which needs no
 * messages; with each look that finds the range still thin, more may go.
 */
export class MovePatience {
  #looks = 0

  /** Whether the peer should move now. Called at each look, at equal intervals. */
  isTime({ self, placement, layers, others }: MoveWish): boolean {
    const { range, advantage } = placement
    if (advantage < moveAdvantage) {
      this.#looks = 0
      return false
    }
    this.#looks++
    if (advantage < gapAdvantage && this.#looks < patience) return false
    const known = new Set(others).add(self)
    const mine = lot(self, range)
    const before = [...known].filter((peer) => lot(peer, range) > mine).length
    const share = Math.max(1 / known.size, shareToMove(range, advantage, layers))
    if (before >= share * this.#looks * known.size) return false
    this.#looks = 0
    return true
  }
}

/**
 * The share of all peers whose move would even things out, halved so as not to overshoot: depths `a < b` meet when `(b - a) / 2b` of the
 * peers at `b` leave for as many layers as lie at `a`.
 */
function shareToMove({ first, end }: LayerRange, advantage: number, layers: number): number {
  const thin = 1 / Math.sqrt(advantage)
  return (((1 - thin) / 2) * ((end - first) / layers)) / 2
}
