import type { ReachableStage, StageDirectory } from '#contract/announce.ts'
import { SkeinError } from '#contract/errors.ts'
import type { LayerRange } from '#contract/model.ts'
import type { PeerKey } from '#contract/peer.ts'
import type { Replay } from '#contract/stage.ts'
import type { RouteNeed } from '#swarm/routing/route-need.ts'
import { chooseRoute } from '#swarm/routing/choose-route.ts'
import { AvoidedPeers } from './avoided-peers.ts'
import type { Chain } from './chain.ts'
import { troubledRun, widened, type TroubledRun } from './troubled-run.ts'

/** How long a peer that failed is not asked again while it stays connected, in milliseconds. */
const avoidMs = 5_000
/** A peer that became slow, likewise: a session that went back to it at once would go to and fro. */
const avoidSlowMs = 30_000
/** Failures after which the next try waits for a change. */
const hastyFailures = 3
/** Between two looks for someone to take over layers that nobody serves, besides those at each change, in milliseconds. */
const lookMs = 1_000

/** What was exchanged. */
export interface HealedRun {
  readonly run: TroubledRun
  readonly stages: readonly ReachableStage[]
}

export interface HealerOptions {
  readonly chain: Chain
  readonly directory: StageDirectory
  /** What each stage must be; range and avoided peers are the healer's. */
  readonly need: Omit<RouteNeed, 'range' | 'avoid'>
  /** How long layers may be without a stage before `onGaveUp`, in milliseconds. */
  readonly waitMs: number
  readonly replay: () => Replay
  readonly onStarted: (run: TroubledRun) => void
  readonly onHealed: (healed: HealedRun) => void
  readonly onWaiting: (range: LayerRange, error: SkeinError) => void
  readonly onGaveUp: (error: SkeinError) => void
}

/** Keeps a session's chain whole: replaces places in trouble by stages that serve the same layers, one run of neighbours after the other. */
export class Healer {
  readonly #options: HealerOptions
  readonly #avoided = new AvoidedPeers()
  /** Troubles whose peers are avoided already: each counts once. */
  readonly #counted = new WeakSet<SkeinError>()
  /** A silence for which nobody can take over, and of which was told. */
  #told: SkeinError | undefined
  readonly #closed = new AbortController()
  readonly #stopListening: () => void
  #isAtWork = false
  /** Something changed while it was at work. */
  #isAsked = false
  #changed = Promise.withResolvers<undefined>()

  constructor(options: HealerOptions) {
    this.#options = options
    this.#stopListening = options.directory.onChange(() => this.look())
  }

  /** Places or stages have changed: heals what can be healed. */
  look(): void {
    this.#changed.resolve(undefined)
    this.#changed = Promise.withResolvers()
    this.#isAsked = true
    if (this.#isAtWork || this.#closed.signal.aborted) return
    if (troubledRun(this.#options.chain.places) === undefined) return
    void this.#work()
  }

  close(): void {
    this.#closed.abort()
    this.#stopListening()
    this.#changed.resolve(undefined)
  }

  /** Never throws. */
  async #work(): Promise<void> {
    this.#isAtWork = true
    try {
      while (this.#isAsked) {
        this.#isAsked = false
        await this.#healAll()
      }
    } catch (thrown) {
      if (!this.#closed.signal.aborted) this.#options.onGaveUp(SkeinError.from(thrown))
    } finally {
      this.#isAtWork = false
    }
  }

  async #healAll(): Promise<void> {
    const { chain, onStarted, onWaiting, waitMs } = this.#options
    let toldOf: string | undefined
    let giveUpAt: number | undefined
    let failures = 0
    for (;;) {
      const troubled = troubledRun(chain.places)
      if (troubled === undefined || this.#closed.signal.aborted) return
      const { run, stages } = this.#remedyFor(troubled)
      if (stages instanceof SkeinError) {
        if (!run.isFatal) {
          if (run.error.code === 'peer-stalled' && this.#told !== run.error) {
            this.#told = run.error
            onWaiting(run.range, run.error)
          }
          return
        }
        giveUpAt ??= performance.now() + waitMs
        if (performance.now() >= giveUpAt) throw unserved(run)
        if (toldOf !== 'waiting') onWaiting(run.range, stages)
        toldOf = 'waiting'
        await this.#nextLook()
        continue
      }
      if (toldOf !== 'started') onStarted(run)
      toldOf = 'started'
      giveUpAt ??= performance.now() + waitMs
      if (performance.now() >= giveUpAt) throw unserved(run)
      if (await this.#replace(run, stages)) {
        toldOf = undefined
        giveUpAt = undefined
        failures = 0
      } else if (++failures >= hastyFailures) await this.#nextLook()
    }
  }

  /** Whether it worked. */
  async #replace(run: TroubledRun, stages: readonly ReachableStage[]): Promise<boolean> {
    const { chain, replay, onHealed } = this.#options
    const { first, count } = run
    const onRefused = (peer: PeerKey): void => this.#avoided.add(peer, performance.now() + avoidMs)
    try {
      await chain.replace(
        { first, count, stages, replay: replay(), onRefused },
        this.#closed.signal
      )
    } catch {
      return false
    }
    onHealed({ run, stages })
    return true
  }

  /** Who takes over: just what is in trouble where that can be, else more than that; why nobody does. */
  #remedyFor(troubled: TroubledRun): {
    readonly run: TroubledRun
    readonly stages: readonly ReachableStage[] | SkeinError
  } {
    const stages = this.#stagesFor(troubled)
    if (!(stages instanceof SkeinError) || !troubled.isFatal) return { run: troubled, stages }
    for (const run of widened(this.#options.chain.places, troubled)) {
      const more = this.#stagesFor(run)
      if (!(more instanceof SkeinError)) return { run, stages: more }
    }
    return { run: troubled, stages }
  }

  /** Who takes over; why nobody does. A stage that only has to be filled anew stays. */
  #stagesFor(run: TroubledRun): readonly ReachableStage[] | SkeinError {
    const { directory, need } = this.#options
    const now = performance.now()
    this.#avoid(run, now)
    const stages = directory.stages()
    const failed = this.#avoided.current(new Set(stages.map(({ peer }) => peer)), now)
    // Whoever still serves is never its own replacement.
    const avoid = run.isFatal
      ? failed
      : new Set([...failed, ...run.culprits.map(({ peer }) => peer)])
    try {
      const chosen = run.parts.flatMap((part) => {
        const stays = part.kind === 'refill' && isOffered(part.stage, stages, avoid)
        return stays ? [part.stage] : chooseRoute(stages, { ...need, range: part.range, avoid })
      })
      return isWorthIt(run, chosen) ? chosen : run.error
    } catch (thrown) {
      return SkeinError.from(thrown)
    }
  }

  #avoid({ culprits }: TroubledRun, now: number): void {
    for (const { peer, error } of culprits) {
      if (this.#counted.has(error)) continue
      this.#counted.add(error)
      this.#avoided.add(peer, now + (error.code === 'peer-slow' ? avoidSlowMs : avoidMs))
    }
  }

  async #nextLook(): Promise<void> {
    const timer = Promise.withResolvers<undefined>()
    const timeout = setTimeout(() => timer.resolve(undefined), lookMs)
    await Promise.race([this.#changed.promise, timer.promise])
    clearTimeout(timeout)
  }
}

/** Whether a stage still takes sessions, as far as is known. */
function isOffered(
  { peer, offer: { range } }: ReachableStage,
  stages: readonly ReachableStage[],
  avoid: ReadonlySet<PeerKey>
): boolean {
  return stages.some(
    (it) => it.peer === peer && it.offer.range.first === range.first && !avoid.has(peer)
  )
}

/** A place that is merely slow is left only for stages that are expected to take less than half of what it takes too much. */
function isWorthIt({ excessMillis }: TroubledRun, stages: readonly ReachableStage[]): boolean {
  if (excessMillis === undefined) return true
  const millis = stages.map(({ isLocal, roundTripMillis, offer }) => {
    const compute = (offer.microsPerLayer ?? 0) * (offer.range.end - offer.range.first)
    return compute / 1000 + (isLocal ? 0 : (roundTripMillis ?? Infinity))
  })
  return millis.reduce((sum, it) => sum + it, 0) < excessMillis / 2
}

function unserved({ range: { first, end }, error }: TroubledRun): SkeinError {
  return new SkeinError('range-unserved', `layers ${first} to ${end - 1}, since ${error.code}`)
}
