import { SkeinError } from '#contract/errors.ts'
import type { Replay, StageLink, StagePlace, Step } from '#contract/stage.ts'
import type { ByteBudget } from './byte-budget.ts'
import { SentSteps } from './sent-steps.ts'

export interface OutletOptions {
  /** For what was sent and is kept. */
  readonly budget: ByteBudget
  /** The receiver cannot be reached any more; what is sent from now on is kept until `relink`. */
  readonly onLost: (error: SkeinError) => void
}

/** Where a step goes: a link, and the place at its other end. */
export interface Outlet {
  readonly link: StageLink
  readonly place: StagePlace
}

/**
 * One session's steps on their way to the next stage: in order, one at a time, kept for whoever takes the receiver's place. The
 * coordinator sends tokens through one, each stage but the tail its boundaries.
 */
export class StepOutlet {
  readonly #options: OutletOptions
  readonly #sent: SentSteps
  #to: Outlet | undefined
  /** Rises when the receiver changes: what waited for the old one is in the new one's replay. */
  #generation = 0
  #epoch = 0
  #sending: Promise<void> = Promise.resolve()
  #isReplaying = false

  constructor(options: OutletOptions, to?: Outlet) {
    this.#options = options
    this.#sent = new SentSteps(options.budget)
    this.#to = to
  }

  /** The peer at the other end; `undefined` while there is none. */
  get peer(): StagePlace['peer'] | undefined {
    return this.#to?.place.peer
  }

  get link(): StageLink | undefined {
    return this.#to?.link
  }

  /** Resolves when the step before is sent, so that a slow receiver slows its sender. `isQuiet`: it is kept only. */
  async send(step: Step, isQuiet = false): Promise<void> {
    this.#sent.add(step)
    this.#epoch = step.epoch
    if (isQuiet) return
    const generation = this.#generation
    const before = this.#sending
    this.#sending = before.then(() => {
      const to = this.#to
      return generation === this.#generation && to !== undefined ? this.#pass(step, to) : undefined
    })
    await before
  }

  /** Turns to a new place and sends it all that the old one was sent, then what comes next. Throws `history-gone`; nothing changes then. */
  relink(to: Outlet, replay: Replay): void {
    const steps = this.#sent.replayed(replay)
    if (steps === undefined) throw new SkeinError('history-gone')
    this.#generation++
    this.#to = to
    this.#isReplaying = true
    // A new place knows of no rollback: for it, everything that is left belongs to the epoch of now.
    const epoch = this.#epoch
    this.#sending = this.#replay(
      steps.map((step) => ({ ...step, epoch })),
      to,
      this.#generation
    )
  }

  rollback(epoch: number, position: number): void {
    this.#sent.cut(position)
    this.#epoch = epoch
    const tell = (): void => {
      const to = this.#to
      if (to === undefined) return
      try {
        to.link.rollback(to.place.session, epoch, position)
      } catch (thrown) {
        this.#lose(SkeinError.from(thrown, 'peer-lost'), to)
      }
    }
    // A replay has its place behind it: the receiver must have reached what it is to forget.
    if (this.#isReplaying) this.#sending = this.#sending.then(tell)
    else tell()
  }

  /** The receiver is gone. */
  lose(): void {
    this.#generation++
    this.#to = undefined
    this.#isReplaying = false
  }

  /** Ends it and lets go of what it kept. */
  close(): void {
    this.lose()
    this.#sent.clear()
  }

  async #replay(steps: readonly Step[], to: Outlet, generation: number): Promise<void> {
    for (const step of steps) {
      if (generation !== this.#generation) return
      await this.#pass(step, to)
    }
    if (generation === this.#generation) this.#isReplaying = false
  }

  async #pass(step: Step, to: Outlet): Promise<void> {
    try {
      await to.link.step({ ...step, session: to.place.session })
    } catch (thrown) {
      this.#lose(SkeinError.from(thrown, 'peer-lost'), to)
    }
  }

  #lose(error: SkeinError, to: Outlet): void {
    if (this.#to !== to) return
    this.lose()
    this.#options.onLost(error)
  }
}
