import type { ReachableStage } from '#contract/announce.ts'
import { SkeinError } from '#contract/errors.ts'
import type { PeerKey } from '#contract/peer.ts'
import type {
  Replay,
  SessionEvents,
  StageNetwork,
  StageNotice,
  StepResult,
  WireDtype
} from '#contract/stage.ts'
import type { StepOutlet } from '#swarm/step-outlet.ts'
import { openPlaces, type OpenedPlaces } from './open-places.ts'
import type { Place } from './place.ts'

export interface ChainOptions {
  readonly network: StageNetwork
  /** KV cells to reserve on each stage. */
  readonly maxTokens: number
  readonly dtype: WireDtype
  /** The way of the tokens to the first stage. */
  readonly outlet: StepOutlet
  /** From the tail of now. Throws on a result that breaks the protocol. */
  readonly onResult: (result: StepResult) => void
  /** Some place's trouble is new or worse. */
  readonly onTrouble: () => void
}

/** Places that others take. */
export interface Replacement {
  readonly first: number
  readonly count: number
  readonly stages: readonly ReachableStage[]
  readonly replay: Replay
  readonly onRefused: (peer: PeerKey) => void
}

/** The places of one session in order, and how some of them are exchanged while the others keep their weights and their cache. */
export class Chain {
  readonly #options: ChainOptions
  #places: readonly Place[] = []
  /** Rows of the largest step so far: a new stage must take as many. */
  #leastRows = 1
  #rows = 1
  #isClosed = false
  /** What is being opened, and next to whom: a neighbour that dies meanwhile would be waited for in vain. */
  #opening: { readonly after: Place | undefined; readonly abort: AbortController } | undefined

  constructor(options: ChainOptions) {
    this.#options = options
  }

  get places(): readonly Place[] {
    return this.#places
  }

  /** Rows per step that suit all stages. */
  get rows(): number {
    return this.#rows
  }

  /** A step of so many rows is on its way. */
  sent(rows: number): void {
    this.#leastRows = Math.max(this.#leastRows, rows)
  }

  /**
   * Opens stages in the place of others, makes them the neighbours of those that stay, and has the one in front fill them. Throws why it
   * did not work, with the new ones closed; `onRefused` hears whose fault it was.
   */
  async replace(replacement: Replacement, signal: AbortSignal): Promise<void> {
    const { first, count } = replacement
    const before = this.#places[first - 1]
    const after = this.#places[first + count]
    const old = this.#places.slice(first, first + count)
    // A stage that is filled anew has room for one of the two only.
    for (const place of old) if (place.trouble?.isFatal === true) place.close()
    const abort = new AbortController()
    this.#opening = { after, abort }
    const opened = await this.#open(
      replacement,
      before,
      after,
      AbortSignal.any([signal, abort.signal])
    )
    try {
      await this.#attach(opened.places, replacement, before)
      if (this.#isClosed) throw new SkeinError('cancelled')
    } catch (thrown) {
      for (const place of opened.places) place.close()
      // Those behind listen to the new ones already: the old ones are of no use any more.
      for (const place of old) place.setTrouble(fatal(thrown))
      throw thrown
    }
    this.#places = this.#places.toSpliced(first, count, ...opened.places)
    this.#rows = count === 0 ? opened.rows : Math.min(this.#rows, opened.rows)
    for (const place of old) place.close()
  }

  /** Ends the session on all stages. */
  close(): void {
    this.#isClosed = true
    this.leave()
  }

  /** Ends the session on all stages; `replace` may open others. */
  leave(): void {
    const places = this.#places
    this.#places = []
    for (const place of places) place.close()
  }

  /** The stage in front cannot reach its neighbour, or says so. */
  lostFirst(error: SkeinError): void {
    this.#trouble(this.#places[0], { error, isFatal: true })
  }

  async #open(
    replacement: Replacement,
    before: Place | undefined,
    after: Place | undefined,
    signal: AbortSignal
  ): Promise<OpenedPlaces> {
    const { first, count, stages, replay, onRefused } = replacement
    const { network, maxTokens, dtype } = this.#options
    const isDead = this.#places
      .slice(first, first + count)
      .some(({ trouble }) => trouble?.isFatal === true)
    const opening = openPlaces(
      {
        network,
        stages,
        upstream: before?.stage.peer ?? network.self,
        downstream: after === undefined ? null : { peer: after.stage.peer, session: after.id },
        maxTokens,
        dtype,
        quietUntil: replay.quietUntil,
        leastRows: this.#leastRows,
        eventsOf: (place, isTail) => this.#eventsOf(place, isTail),
        onRefused
      },
      signal
    )
    const upstream = stages.at(-1)?.peer
    if (after === undefined || upstream === undefined) return opening
    // Whoever still serves is cut off only when the new ones are there.
    if (!isDead) await opening
    const [opened, turned] = await Promise.allSettled([opening, turn(after, upstream)])
    if (opened.status === 'rejected') throw opened.reason
    if (turned.status === 'fulfilled') return opened.value
    for (const place of opened.value.places) place.close()
    this.#trouble(after, fatal(turned.reason))
    throw turned.reason
  }

  /** Lets the one in front send to the new places, from the first row on. */
  async #attach(
    places: readonly Place[],
    { replay, onRefused }: Replacement,
    before: Place | undefined
  ): Promise<void> {
    const [next] = places
    if (next === undefined) throw new SkeinError('internal', 'a replacement by nothing')
    const place = { peer: next.stage.peer, session: next.id }
    if (before === undefined) {
      this.#options.outlet.relink({ link: next.link, place }, replay)
      return
    }
    try {
      const downstream = { place, replay }
      const session = before.id
      await before.link.relink({ session, turn: before.nextTurn(), upstream: null, downstream })
    } catch (thrown) {
      // It stands, but cannot reach the new one; anything else is its own trouble.
      if (SkeinError.from(thrown).code === 'peer-unreachable') onRefused(next.stage.peer)
      else this.#trouble(before, fatal(thrown))
      throw thrown
    }
  }

  #eventsOf(place: Place, isTail: boolean): SessionEvents {
    return {
      result: (result) => {
        try {
          if (!isTail) throw new SkeinError('protocol-violation', 'a result from amidst a chain')
          if (this.#places.at(-1) === place) this.#options.onResult(result)
          return Promise.resolve()
        } catch (thrown) {
          this.#trouble(place, fatal(thrown))
          return Promise.reject(SkeinError.from(thrown))
        }
      },
      failed: (value) =>
        this.#trouble(place, { error: SkeinError.fromValue(value), isFatal: true }),
      notice: (notice) => this.#onNotice(place, notice)
    }
  }

  #onNotice(place: Place, notice: StageNotice): void {
    if (notice.kind === 'leaving') {
      return this.#trouble(place, { error: new SkeinError('peer-draining'), isFatal: false })
    }
    const isFatal = notice.kind === 'lost'
    const error = new SkeinError(isFatal ? 'peer-lost' : 'peer-stalled', 'silent')
    this.#trouble(this.#blamed(place, notice.peer), { error, isFatal })
  }

  /**
   * The place itself, when it is our own link to it that is meant; else the one behind it: where only the link between the two is lost, the
   * one in front holds what the other one's successor is to be filled with.
   */
  #blamed(place: Place, peer: PeerKey): Place | undefined {
    if (peer === place.stage.peer) return place
    const index = this.#places.indexOf(place)
    const next = index === -1 ? undefined : this.#places[index + 1]
    return next?.stage.peer === peer ? next : undefined
  }

  #trouble(place: Place | undefined, trouble: { error: SkeinError; isFatal: boolean }): void {
    if (place === undefined || this.#isClosed) return
    place.setTrouble(trouble)
    if (trouble.isFatal && place === this.#opening?.after) this.#opening.abort.abort()
    if (this.#places.includes(place)) this.#options.onTrouble()
  }
}

function fatal(thrown: unknown): { error: SkeinError; isFatal: true } {
  return { error: SkeinError.from(thrown, 'peer-lost'), isFatal: true }
}

function turn(place: Place, upstream: PeerKey): Promise<void> {
  const session = place.id
  return place.link.relink({ session, turn: place.nextTurn(), upstream, downstream: null })
}
