import { randomBytes } from 'node:crypto'
import type { ReachableStage } from '#contract/announce.ts'
import { SkeinError } from '#contract/errors.ts'
import { sessionIdSchema, type PeerKey, type SessionId } from '#contract/peer.ts'
import {
  stageLimits,
  type SessionEvents,
  type StageLink,
  type StageNetwork,
  type StepResult,
  type WireDtype
} from '#contract/stage.ts'
import { prefillRows } from './prefill-rows.ts'
import { InFlight } from './in-flight.ts'

export interface ChainOptions {
  readonly network: StageNetwork
  readonly chain: readonly ReachableStage[]
  /** KV cells to reserve on each stage. */
  readonly maxTokens: number
  readonly dtype: WireDtype
  readonly vocabularySize: number
  /** A chain that answers nothing for this long has failed, in milliseconds. */
  readonly stallMs: number
}

/** One step's answer, and how long it took from end to end. */
export interface StepOutcome {
  readonly result: StepResult
  readonly millis: number
}

/** Why a chain failed, and by whom. */
export interface ChainFailure {
  readonly peer: PeerKey | undefined
  readonly error: SkeinError
}

/** A session at work on all stages of a chain. Ends on all of them at once, for whatever reason it ends. */
export class ChainSession {
  readonly id: SessionId = sessionIdSchema.parse(randomBytes(16).toString('hex'))
  readonly #options: ChainOptions
  readonly #inFlight: InFlight
  #links: readonly StageLink[] = []
  #rows = 1
  #epoch = 0
  #position = 0
  #failure: ChainFailure | undefined

  private constructor(options: ChainOptions) {
    this.#options = options
    this.#inFlight = new InFlight(options.stallMs, () =>
      this.#fail(undefined, new SkeinError('peer-stalled', 'no result in time'))
    )
  }

  /**
   * Opens all stages at the same time. Throws the first refusal (`stage-full`, `peer-unreachable`, ...), with nothing left open;
   * `onRefused` hears whose it was.
   */
  static async open(
    options: ChainOptions,
    signal: AbortSignal,
    onRefused: (peer: PeerKey) => void = () => undefined
  ): Promise<ChainSession> {
    const session = new ChainSession(options)
    const cancelled = Promise.withResolvers<never>()
    const cancel = (): void => cancelled.reject(new SkeinError('cancelled'))
    signal.addEventListener('abort', cancel)
    if (signal.aborted) cancel()
    try {
      // A peer that is slow to connect does not hold up whoever goes away.
      await Promise.race([cancelled.promise, session.#open(onRefused)])
      return session
    } catch (thrown) {
      session.close()
      throw thrown
    } finally {
      signal.removeEventListener('abort', cancel)
    }
  }

  /** Tokens that the chain holds. */
  get position(): number {
    return this.#position
  }

  /** Why the session ended, when it was not `close`. */
  get failure(): ChainFailure | undefined {
    return this.#failure
  }

  /**
   * Fills the cache with `tokens`, several chunks at once so that all stages are busy; asks for candidates after the last one.
   * Yields each chunk's answer in order. Throws why the chain failed.
   */
  async *prefill(tokens: Int32Array, topK: number): AsyncGenerator<StepOutcome> {
    const rows = prefillRows(tokens.length, this.#links.length, this.#rows)
    const window = Math.min(stageLimits.maxStepsInFlight, this.#links.length + 2)
    const waiting: Promise<StepOutcome>[] = []
    let first = 0
    for (const count of rows) {
      const chunk = tokens.subarray(first, first + count)
      first += count
      const outputRows = first === tokens.length ? 1 : 0
      waiting.push(this.step(chunk, outputRows, topK))
      const next = waiting.length === window ? waiting.shift() : undefined
      if (next !== undefined) yield await next
    }
    for (const next of waiting) yield await next
  }

  /** Runs rows through the chain. Throws why the chain failed. */
  step(tokens: Int32Array, outputRows: number, topK: number): Promise<StepOutcome> {
    const outcome = this.#step(tokens, outputRows, topK)
    // Whoever reads the steps before this one hears of the failure first.
    outcome.catch(() => undefined)
    return outcome
  }

  /** Forgets everything from `position` on, in all stages. */
  rollback(position: number): void {
    this.#epoch++
    this.#position = position
    this.#inFlight.failAll(new SkeinError('cancelled', 'rolled back'))
    this.#links[0]?.rollback(this.id, this.#epoch, position)
  }

  /** Ends the session on all stages; whoever waits for a step hears `cancelled`. */
  close(): void {
    this.#failure ??= { peer: undefined, error: new SkeinError('cancelled') }
    this.#inFlight.failAll(this.#failure.error)
    for (const link of this.#links) closeQuietly(link, this.id)
    this.#links = []
  }

  async #step(tokens: Int32Array, outputRows: number, topK: number): Promise<StepOutcome> {
    if (this.#failure !== undefined) throw this.#failure.error
    const [first] = this.#links
    if (first === undefined) throw new SkeinError('internal', 'a chain without stages')
    const sentAt = performance.now()
    const position = this.#position
    const epoch = this.#epoch
    this.#position += tokens.length
    const { vocabularySize } = this.#options
    const stages = this.#links.length
    const answer = this.#inFlight.add({
      epoch,
      position: this.#position,
      outputRows,
      topK,
      vocabularySize,
      stages
    })
    first
      .step({
        session: this.id,
        epoch,
        position,
        rows: tokens.length,
        input: { kind: 'tokens', tokens },
        outputRows,
        topK,
        timings: [],
        hopBytes: []
      })
      .catch((thrown: unknown) => this.#fail(first.peer, SkeinError.from(thrown, 'peer-lost')))
    return { result: await answer, millis: performance.now() - sentAt }
  }

  async #open(onRefused: (peer: PeerKey) => void): Promise<void> {
    const { chain, network, maxTokens, dtype } = this.#options
    const opening = chain.map(async ({ peer, offer }, index) => {
      try {
        const link = await network.link(peer)
        if (this.#failure !== undefined) throw this.#failure.error
        this.#links = [...this.#links, link]
        const { model, range } = offer
        const adapter = offer.adapter === undefined ? {} : { adapter: offer.adapter }
        const upstream = chain[index - 1]?.peer ?? network.self
        const downstream = chain[index + 1]?.peer ?? null
        const events = this.#eventsOf(peer, downstream === null)
        const route = { range, upstream, downstream }
        const request = { session: this.id, model, ...adapter, ...route, maxTokens, dtype }
        return { link, opened: await link.open(request, events) }
      } catch (thrown) {
        onRefused(peer)
        throw SkeinError.from(thrown, 'peer-unreachable')
      }
    })
    const stages = await Promise.all(opening)
    if (this.#failure !== undefined) throw this.#failure.error
    this.#links = stages.map(({ link }) => link)
    this.#rows = Math.min(...stages.map(({ opened }) => opened.preferredRows))
  }

  #eventsOf(peer: PeerKey, isTail: boolean): SessionEvents {
    return {
      result: (result) => {
        if (!isTail)
          return Promise.reject(
            new SkeinError('protocol-violation', 'a result from amidst a chain')
          )
        if (result.epoch < this.#epoch || this.#failure !== undefined) return Promise.resolve()
        try {
          this.#inFlight.settle(result)
          return Promise.resolve()
        } catch (thrown) {
          const error = SkeinError.from(thrown)
          this.#fail(peer, error)
          return Promise.reject(error)
        }
      },
      failed: (value) => this.#fail(peer, SkeinError.fromValue(value))
    }
  }

  #fail(peer: PeerKey | undefined, error: SkeinError): void {
    this.#failure ??= { peer, error }
    this.close()
  }
}

/** A stage that lost the session already has nothing left to close. */
function closeQuietly(link: StageLink, session: SessionId): void {
  try {
    link.close(session)
  } catch (thrown) {
    if (!(thrown instanceof SkeinError && thrown.code === 'session-unknown')) throw thrown
  }
}
