import type { ReachableStage } from '#contract/announce.ts'
import { SkeinError } from '#contract/errors.ts'
import type { LayerRange } from '#contract/model.ts'
import type { SessionId } from '#contract/peer.ts'
import type { StageLink } from '#contract/stage.ts'

/** Why a place should be replaced. `isFatal`: nothing passes it any more; otherwise it serves on until someone better is there. */
export interface Trouble {
  readonly error: SkeinError
  readonly isFatal: boolean
  /** Of a place that became slow: what a token costs there more than it did, in milliseconds. */
  readonly excessMillis?: number
}

/** A session's place on one stage of its chain, seen by the coordinator. */
export class Place {
  readonly id: SessionId
  readonly stage: ReachableStage
  readonly link: StageLink
  #trouble: Trouble | undefined
  #turn = 0
  #isClosed = false

  constructor(id: SessionId, stage: ReachableStage, link: StageLink) {
    this.id = id
    this.stage = stage
    this.link = link
  }

  get range(): LayerRange {
    return this.stage.offer.range
  }

  get trouble(): Trouble | undefined {
    return this.#trouble
  }

  /** The next number for a relink of this place. */
  nextTurn(): number {
    return ++this.#turn
  }

  /** What is fatal stays; of the rest, the latest counts. */
  setTrouble(trouble: Trouble): void {
    if (this.#trouble?.isFatal !== true) this.#trouble = trouble
  }

  /** What it was in trouble for has passed. */
  recover(from: 'peer-stalled' | 'peer-slow'): void {
    if (this.#trouble?.error.code === from && !this.#trouble.isFatal) this.#trouble = undefined
  }

  /** Ends the session there, once. A stage that lost it already has nothing left to close. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    try {
      this.link.close(this.id)
    } catch (thrown) {
      if (!(thrown instanceof SkeinError && thrown.code === 'session-unknown')) throw thrown
    }
  }
}
