import type { PeerKey } from '#contract/peer.ts'
import type { LinkOrder, LinkShape } from './link-orders.ts'

/** How one link behaves now, seen from one of its ends. */
export interface LinkState {
  shape: LinkShape | undefined
  isCut: boolean
  /** The next bytes are to be damaged. */
  isCorrupt: boolean
}

/** The links of one peer: what was ordered for one of them, or for all. */
export class LinkStates {
  readonly #states = new Map<PeerKey, LinkState>()
  readonly #everyone: LinkState = { shape: undefined, isCut: false, isCorrupt: false }

  obey(order: LinkOrder): void {
    const states =
      order.to === 'everyone' ? [this.#everyone, ...this.#states.values()] : [this.of(order.to)]
    for (const state of states) apply(order, state)
  }

  of(peer: PeerKey): LinkState {
    const known = this.#states.get(peer)
    if (known !== undefined) return known
    const state = { ...this.#everyone }
    this.#states.set(peer, state)
    return state
  }
}

function apply(order: LinkOrder, state: LinkState): void {
  switch (order.kind) {
    case 'shape':
      state.shape = order.shape
      return
    case 'cut':
      state.isCut = true
      return
    case 'corrupt':
      state.isCorrupt = true
      return
    case 'heal':
      state.shape = undefined
      state.isCut = false
      state.isCorrupt = false
  }
}
