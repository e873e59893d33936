import type { SessionId } from '#contract/peer.ts'

/** Sessions remembered: more than end within the second that a replay's last steps may be on their way. */
const most = 4096

/** Sessions that ended not long ago: what still comes for them is late, and nobody's fault. */
export class RecentSessions {
  readonly #ids = new Set<SessionId>()

  add(session: SessionId): void {
    this.#ids.add(session)
    const [oldest] = this.#ids
    if (this.#ids.size > most && oldest !== undefined) this.#ids.delete(oldest)
  }

  has(session: SessionId): boolean {
    return this.#ids.has(session)
  }
}
