import type { ErrorCode } from '#contract/errors.ts'
import type { PeerKey } from '#contract/peer.ts'

interface Ban {
  readonly code: ErrorCode
  readonly until: number
}

/** More names than any attack from one address makes in a ban's time; the oldest go first. */
const maxBans = 10_000

/** Peers that are ignored for a while, and why. Time is the caller's, in milliseconds. */
export class BanList {
  readonly #bans = new Map<PeerKey, Ban>()

  add(peer: PeerKey, code: ErrorCode, until: number): void {
    this.#bans.delete(peer)
    this.#bans.set(peer, { code, until })
    if (this.#bans.size > maxBans) this.#forgetOldest()
  }

  /** Why the peer is banned at `now`; `undefined` when it is not. */
  reason(peer: PeerKey, now: number): ErrorCode | undefined {
    const ban = this.#bans.get(peer)
    if (ban === undefined) return undefined
    if (now < ban.until) return ban.code
    this.#bans.delete(peer)
    return undefined
  }

  #forgetOldest(): void {
    for (const peer of this.#bans.keys()) {
      this.#bans.delete(peer)
      return
    }
  }
}
