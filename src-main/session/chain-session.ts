import { randomBytes } from 'node:crypto'
import type { ReachableStage, StageDirectory } from '#contract/announce.ts'
import { SkeinError } from '#contract/errors.ts'
import { sessionIdSchema, type PeerKey, type SessionId } from '#contract/peer.ts'
import {
  type Replay,
  type ReplayMode,
  type StageNetwork,
  type StepResult
} from '#contract/stage.ts'
import { ByteBudget } from '#swarm/byte-budget.ts'
import type { RouteNeed } from '#swarm/routing/route-need.ts'
import { StepOutlet } from '#swarm/step-outlet.ts'
import { Chain } from './chain.ts'
import type { ChainNews, StepOutcome } from './chain-news.ts'
import { Healer, type HealedRun } from './healer.ts'
import { InFlight } from './in-flight.ts'
import { News } from './news.ts'
import { PaceWatch } from './pace-watch.ts'
import { tryRoutes } from './try-routes.ts'

/** Tokens that a coordinator keeps of one session: four bytes each, so that even the longest is there to be replayed. */
const tokenHistoryBytes = 256 * 1024 * 1024

/** Times that a chain is healed without a result in between. */
const mostFruitlessHeals = 8

export interface ChainSessionOptions {
  readonly network: StageNetwork
  readonly directory: StageDirectory
  /** What each stage must be; `tokens` are the KV cells to reserve. */
  readonly need: Omit<RouteNeed, 'range' | 'avoid'>
  readonly vocabularySize: number
  /** A chain that answers nothing for this long has failed, in milliseconds. */
  readonly stallMs: number
  /** How long layers may be without a stage before the session is given up, in milliseconds. */
  readonly waitMs: number
  readonly replay: ReplayMode
}

/**
 * A session at work on all stages of a chain. What fails on the way is replaced while the steps in flight wait; where nobody is left, it
 * rests without a chain until `revive`. Ends on all stages at once.
 */
export class ChainSession {
  readonly id: SessionId = sessionIdSchema.parse(randomBytes(16).toString('hex'))
  readonly news = new News<ChainNews>()
  readonly #options: ChainSessionOptions
  readonly #inFlight: InFlight
  readonly #outlet: StepOutlet
  readonly #chain: Chain
  readonly #pace = new PaceWatch()
  #healer: Healer | undefined
  #epoch = 0
  /** Position of the last result. */
  #answered = 0
  /** Whether a result of this epoch came: then the last rollback has reached every stage. */
  #isEpochKnown = true
  #position = 0
  /** Times that the chain was healed since the last result. */
  #fruitlessHeals = 0
  #isClosed = false

  private constructor(options: ChainSessionOptions) {
    const { network, need, stallMs } = options
    this.#options = options
    this.#inFlight = new InFlight(stallMs, () =>
      this.#giveUp(new SkeinError('peer-stalled', 'no result in time'))
    )
    this.#outlet = new StepOutlet({
      budget: new ByteBudget(tokenHistoryBytes),
      onLost: (error) => this.#chain.lostFirst(error)
    })
    this.#chain = new Chain({
      network,
      maxTokens: need.tokens,
      dtype: need.dtype,
      outlet: this.#outlet,
      onResult: (result) => this.#onResult(result),
      onTrouble: () => this.#onTrouble()
    })
  }

  /** Opens all stages at the same time. Throws the first refusal, with nothing left open; `onRefused` hears whose it was. */
  static async open(
    options: ChainSessionOptions,
    stages: readonly ReachableStage[],
    signal: AbortSignal,
    onRefused: (peer: PeerKey) => void = () => undefined
  ): Promise<ChainSession> {
    const session = new ChainSession(options)
    try {
      await session.revive(stages, signal, onRefused)
      return session
    } catch (thrown) {
      session.close()
      throw thrown
    }
  }

  /** Tokens that the chain holds, or will once it has computed. */
  get position(): number {
    return this.#position
  }

  /** Rows per step that suit all stages. */
  get rows(): number {
    return this.#chain.rows
  }

  /** The stages of now, in order. */
  get stages(): readonly ReachableStage[] {
    return this.#chain.places.map(({ stage }) => stage)
  }

  /** Brings a session that rests onto a new chain, where it was. Throws the first refusal; it rests on then. */
  async revive(
    stages: readonly ReachableStage[],
    signal: AbortSignal,
    onRefused: (peer: PeerKey) => void = () => undefined
  ): Promise<void> {
    await this.#chain.replace(
      { first: 0, count: 0, stages, replay: this.#replay(), onRefused },
      signal
    )
    const { directory, need, waitMs } = this.#options
    this.#healer = new Healer({
      chain: this.#chain,
      directory,
      need,
      waitMs,
      replay: () => this.#replay(),
      onStarted: (run) => this.news.add({ kind: 'healing', run }),
      onHealed: (healed) => this.#onHealed(healed),
      onWaiting: (range, error) => this.news.add({ kind: 'waiting', range, error }),
      onGaveUp: (error) => this.#giveUp(error)
    })
    this.#inFlight.release()
    this.#onTrouble()
  }

  /** Finds stages for a session that rests, and revives it. Returns them. Throws why there are none; it rests on then. */
  async resume(signal: AbortSignal): Promise<readonly ReachableStage[]> {
    const { directory, need } = this.#options
    await tryRoutes(
      directory,
      need,
      (stages, onRefused) => this.revive(stages, signal, onRefused),
      signal
    )
    return this.stages
  }

  /** Runs rows through the chain, however often it has to be healed. Throws `cancelled` when the session ends. */
  step(tokens: Int32Array, outputRows: number, topK: number): Promise<StepOutcome> {
    const outcome = this.#step(tokens, outputRows, topK)
    // Whoever reads the steps before this one hears of the failure first.
    outcome.catch(() => undefined)
    return outcome
  }

  /** Forgets everything from `position` on, in all stages. */
  rollback(position: number): void {
    this.#epoch++
    this.#isEpochKnown = false
    this.#position = position
    this.#answered = Math.min(this.#answered, position)
    this.#inFlight.failAll(new SkeinError('cancelled', 'rolled back'))
    this.#outlet.rollback(this.#epoch, position)
  }

  /** Ends the session on all stages; whoever waits for a step hears `cancelled`. */
  close(): void {
    this.#isClosed = true
    this.#healer?.close()
    this.#inFlight.failAll(new SkeinError('cancelled'))
    this.#chain.close()
    this.#outlet.close()
  }

  async #step(tokens: Int32Array, outputRows: number, topK: number): Promise<StepOutcome> {
    if (this.#isClosed) throw new SkeinError('cancelled')
    const sentAt = performance.now()
    const position = this.#position
    const epoch = this.#epoch
    const rows = tokens.length
    const { vocabularySize } = this.#options
    this.#position += rows
    this.#chain.sent(rows)
    const answer = this.#inFlight.add({
      epoch,
      position: this.#position,
      outputRows,
      topK,
      vocabularySize
    })
    void this.#outlet.send({
      session: this.id,
      epoch,
      position,
      rows,
      input: { kind: 'tokens', tokens },
      outputRows,
      topK,
      timings: [],
      hopBytes: []
    })
    return { result: await answer, millis: performance.now() - sentAt }
  }

  /** What comes again, because a stage was replaced, was answered before. */
  #onResult(result: StepResult): void {
    if (result.epoch < this.#epoch || this.#isClosed || result.position <= this.#answered) return
    this.#inFlight.settle(result)
    if (result.position === this.#answered + 1) this.#watchPace(result)
    this.#answered = result.position
    this.#isEpochKnown = true
    this.#fruitlessHeals = 0
    for (const place of this.#chain.places) place.recover('peer-stalled')
  }

  #watchPace(result: StepResult): void {
    const slow = this.#pace.add(this.#chain.places, result)
    for (const place of this.#chain.places) place.recover('peer-slow')
    if (slow === undefined) return
    const { place, excessMillis } = slow
    place.setTrouble({ error: new SkeinError('peer-slow'), isFatal: false, excessMillis })
    this.#onTrouble()
  }

  #onTrouble(): void {
    const { places } = this.#chain
    if (this.#isClosed) return
    if (places.some(({ trouble }) => trouble?.isFatal === true)) {
      this.#inFlight.hold()
      // Some may not have heard of the last rollback and hold rows that are no more: all of them are filled anew.
      const error = new SkeinError('history-gone', 'a rollback on its way')
      if (!this.#isEpochKnown)
        for (const place of places) place.setTrouble({ error, isFatal: true })
    }
    this.#healer?.look()
  }

  /** A step that breaks whoever computes it would break one stage after the other. */
  #onHealed(healed: HealedRun): void {
    this.#fruitlessHeals++
    this.#isEpochKnown = true
    this.news.add({ kind: 'healed', healed, replayedTokens: this.#position })
    if (this.#fruitlessHeals > mostFruitlessHeals) this.#giveUp(healed.run.error)
    else this.#inFlight.release()
  }

  #replay(): Replay {
    return { mode: this.#options.replay, quietUntil: this.#answered, rows: this.#chain.rows }
  }

  /** Lets go of all stages; the steps in flight wait for `revive`. */
  #giveUp(error: SkeinError): void {
    if (this.#isClosed) return
    this.#healer?.close()
    this.#inFlight.hold()
    this.#chain.leave()
    this.#outlet.lose()
    this.news.add({ kind: 'gave-up', error })
  }
}
