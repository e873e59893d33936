import type { Announcement, StageOffer } from '#contract/announce.ts'
import type { PeerKey } from '#contract/peer.ts'
import type { SwarmTiming } from './swarm-timing.ts'

/** What a peer says of itself; the announcer adds who, when and for how long. */
export type SelfState = Pick<Announcement, 'state' | 'stages' | 'preparing'>

interface AnnouncerOptions {
  readonly self: PeerKey
  readonly timing: SwarmTiming
  /** Sends to every connected peer. */
  readonly send: (announcement: Announcement) => void
}

/** Announces this peer when it changes, several changes at once, and again before the last announcement expires. */
export class SelfAnnouncer {
  readonly #options: AnnouncerOptions
  /** Begins at the clock, so that a peer that restarts is newer than it was. */
  #sequence = Date.now()
  #state: SelfState | undefined
  #isStarted = false
  #timer: NodeJS.Timeout | undefined
  #isHurried = false

  constructor(options: AnnouncerOptions) {
    this.#options = options
  }

  /** For this peer's own person, lent or not. */
  get stages(): readonly StageOffer[] {
    return this.#state?.stages ?? []
  }

  start(): void {
    this.#isStarted = true
    this.#sendAfter(this.#options.timing.announceTtlMs / 2)
  }

  stop(): void {
    this.#isStarted = false
    clearTimeout(this.#timer)
  }

  set(state: SelfState): void {
    this.#state = state
    if (!this.#isStarted || this.#isHurried) return
    this.#isHurried = true
    this.#sendAfter(this.#options.timing.announceDelayMs)
  }

  /** For a peer that has just come; `undefined` before the first `set`. */
  current(): Announcement | undefined {
    if (this.#state === undefined) return undefined
    const { self, timing } = this.#options
    const { state, preparing } = this.#state
    return {
      state,
      // What is not lent is nobody's business: this peer's own person uses it without being told.
      stages: state === 'lending' ? this.#state.stages : [],
      ...(state === 'lending' && preparing !== undefined ? { preparing } : {}),
      peer: self,
      sequence: ++this.#sequence,
      ttlMs: timing.announceTtlMs
    }
  }

  #sendAfter(millis: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#isHurried = false
      const announcement = this.current()
      if (announcement !== undefined) this.#options.send(announcement)
      this.#sendAfter(this.#options.timing.announceTtlMs / 2)
    }, millis)
    this.#timer.unref()
  }
}
