import type { PeerKey } from '#contract/peer.ts'

/**
 * Peers that failed a session just now. One that vanishes from the directory and comes back is welcome again at once, any other after a
 * while.
 */
export class AvoidedPeers {
  readonly #until = new Map<PeerKey, number>()

  /** Times are the caller's, in milliseconds. */
  add(peer: PeerKey, until: number): void {
    this.#until.set(peer, Math.max(until, this.#until.get(peer) ?? 0))
  }

  /** Those to do without, among the peers that are there. */
  current(present: ReadonlySet<PeerKey>, now: number): ReadonlySet<PeerKey> {
    for (const [peer, until] of this.#until) {
      if (now >= until || !present.has(peer)) this.#until.delete(peer)
    }
    return new Set(this.#until.keys())
  }
}
