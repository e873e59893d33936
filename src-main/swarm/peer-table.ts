import type { Announcement } from '#contract/announce.ts'
import type { PeerKey } from '#contract/peer.ts'

interface Entry {
  readonly announcement: Announcement
  readonly expiresAt: number
}

/** The latest announcement of each connected peer. Time is the caller's, in milliseconds. */
export class PeerTable {
  readonly #entries = new Map<PeerKey, Entry>()

  /** Takes an announcement unless a newer one of the same peer is here already. Returns whether it was taken. */
  put(announcement: Announcement, now: number): boolean {
    const known = this.#entries.get(announcement.peer)
    if (known !== undefined && announcement.sequence <= known.announcement.sequence) return false
    const expiresAt = now + announcement.ttlMs
    this.#entries.set(announcement.peer, { announcement, expiresAt })
    return true
  }

  remove(peer: PeerKey): void {
    this.#entries.delete(peer)
  }

  /** Announcements that still hold at `now`. */
  current(now: number): Announcement[] {
    const live: Announcement[] = []
    for (const [peer, entry] of this.#entries) {
      if (now < entry.expiresAt) live.push(entry.announcement)
      else this.#entries.delete(peer)
    }
    return live
  }
}
