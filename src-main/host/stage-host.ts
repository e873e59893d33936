import type { StageOffer } from '#contract/announce.ts'
import { SkeinError } from '#contract/errors.ts'
import type { Logger } from '#contract/log.ts'
import type { LayerRange, ModelKey } from '#contract/model.ts'
import type { PeerKey, SessionId } from '#contract/peer.ts'
import type {
  OpenedSession,
  OpenSession,
  Relink,
  StageCaller,
  StageLink,
  StageNetwork,
  StageService,
  Step
} from '#contract/stage.ts'
import type { HostedStage as StageStatus } from '#contract/status.ts'
import type { StageOptions, StageProcess } from '#engine/engine-supervisor.ts'
import { ByteBudget } from '#swarm/byte-budget.ts'
import { prepareAdapterFile } from './adapter-file.ts'
import { HostedStage } from './hosted-stage.ts'
import { prepareStageFile, type StageFileRequest } from './stage-file.ts'
import { RecentSessions } from './recent-sessions.ts'
import type { StagePlan } from './stage-plan.ts'
import type { StageSession } from './stage-session.ts'

/** A session that nobody used for this long ends: its coordinator forgot it. */
const unusedMs = 10 * 60_000
const sweepMs = 60_000
/** Sessions of one coordinator that may be on their way at once: each may make this peer connect to another one. */
const maxOpening = 16

/**
 * Bytes of sent boundaries that all sessions together keep for stages that take the place of others: 32,768 tokens of a model of width
 * 4096 in float16.
 */
const defaultHistoryBytes = 256 * 1024 * 1024

const never = new AbortController().signal

export interface StageHostOptions {
  readonly network: Pick<StageNetwork, 'link' | 'self'>
  /** Where carved files are kept. */
  readonly folder: string
  /** The engine process's entry. */
  readonly entry: URL
  readonly startStage: (options: StageOptions) => Promise<StageProcess>
  readonly prepareFile?: (request: StageFileRequest) => Promise<string>
  /** Milliseconds, monotonic. */
  readonly now?: () => number
  /** Bytes of sent boundaries that all sessions together keep for stages that take the place of others. */
  readonly historyBytes?: number
  readonly log?: Logger
}

/** What tells a stage of this peer from the others. */
interface StageName {
  readonly model: ModelKey
  readonly adapter?: ModelKey | undefined
  readonly range: LayerRange
}

/** A session from the first word of its opening on; `session` is there once it has its place. */
interface Entry {
  readonly coordinator: PeerKey
  session?: StageSession
  isClosed: boolean
}

/** What this peer lends: takes on ranges, and serves sessions on them to itself and to others. */
export class StageHost implements StageService {
  readonly #options: StageHostOptions
  readonly #now: () => number
  readonly #stages = new Set<HostedStage>()
  readonly #sessions = new Map<SessionId, Entry>()
  readonly #listeners = new Set<() => void>()
  readonly #sweeper: NodeJS.Timeout
  /** Ranges being taken on: a host that stops leaves none of them behind. */
  readonly #taking = new Set<Promise<void>>()
  readonly #history: ByteBudget
  readonly #ended = new RecentSessions()
  readonly #stopped = new AbortController()
  #isDraining = false
  #share = 1

  constructor(options: StageHostOptions) {
    this.#options = options
    this.#history = new ByteBudget(options.historyBytes ?? defaultHistoryBytes)
    this.#now = options.now ?? (() => performance.now())
    this.#sweeper = setInterval(() => this.#sweep(), sweepMs)
    this.#sweeper.unref()
  }

  /** Takes on a range: prepares its files, loads it, serves it. Throws what carving and loading throw, or `cancelled`. */
  async take(plan: StagePlan, signal?: AbortSignal): Promise<void> {
    const taking = this.#take(plan, AbortSignal.any([this.#stopped.signal, signal ?? never]))
    this.#taking.add(taking)
    try {
      await taking
    } finally {
      this.#taking.delete(taking)
    }
  }

  async #take(plan: StagePlan, signal: AbortSignal): Promise<void> {
    const { folder, entry, startStage, log } = this.#options
    const prepare = this.#options.prepareFile ?? prepareStageFile
    const { openModel, openAdapter, ...loadPlan } = plan
    const { model, range } = plan
    const request = { model, range, openModel, folder, signal }
    const file = await prepare(request)
    const adapterFile = await prepareAdapterFile({ ...request, openAdapter })
    if (signal.aborted) throw new SkeinError('cancelled')
    const stage = new HostedStage({
      self: this.#options.network.self,
      plan: loadPlan,
      file,
      ...(adapterFile === undefined ? {} : { adapterFile }),
      entry,
      startStage,
      now: this.#now,
      history: this.#history,
      onChange: () => this.#changed(),
      onSessionEnd: (session) => {
        this.#sessions.delete(session)
        this.#ended.add(session)
      },
      ...(log === undefined ? {} : { log })
    })
    stage.setShare(this.#share)
    this.#stages.add(stage)
    try {
      await stage.start()
    } catch (thrown) {
      this.#stages.delete(stage)
      this.#changed()
      throw thrown
    }
  }

  /** Gives up a range: takes no new sessions on it, lets those at work end, stops its engine. */
  async release(model: ModelKey, range: LayerRange, adapter?: ModelKey): Promise<void> {
    const stage = this.#find({ model, range, adapter })
    if (stage === undefined) return
    await stage.drain()
    await stage.stop()
    this.#stages.delete(stage)
    this.#changed()
  }

  async open(request: OpenSession, caller: StageCaller): Promise<OpenedSession> {
    if (this.#isDraining) throw new SkeinError('peer-draining')
    const stage = this.#find(request)
    if (stage === undefined) throw new SkeinError('stage-not-here')
    if (this.#sessions.has(request.session)) {
      throw new SkeinError('protocol-violation', 'a session that is open already')
    }
    this.#checkPlace(request, stage)
    if (this.#openingOf(caller.peer) >= maxOpening) throw new SkeinError('stage-full', 'openings')
    const entry: Entry = { coordinator: caller.peer, isClosed: false }
    this.#sessions.set(request.session, entry)
    try {
      const downstream = await this.#linkTo(request.downstream?.peer ?? null)
      if (entry.isClosed) throw new SkeinError('cancelled')
      entry.session = stage.open(request, caller, downstream)
      return stage.opened()
    } catch (thrown) {
      if (this.#sessions.get(request.session) === entry) this.#sessions.delete(request.session)
      throw thrown
    }
  }

  step(step: Step, from: PeerKey): Promise<void> {
    const session = this.#sessions.get(step.session)?.session
    if (session !== undefined) return session.step(step, from)
    if (this.#ended.has(step.session)) return Promise.resolve()
    return Promise.reject(new SkeinError('session-unknown'))
  }

  async relink(request: Relink, from: PeerKey): Promise<void> {
    const entry = this.#sessions.get(request.session)
    if (entry?.session === undefined) throw new SkeinError('session-unknown')
    if (entry.coordinator !== from) {
      throw new SkeinError('protocol-violation', 'a relink by a peer that may not')
    }
    const link = await this.#linkTo(request.downstream?.place.peer ?? null)
    entry.session.relink(request, link)
  }

  rollback(session: SessionId, epoch: number, position: number, from: PeerKey): void {
    const entry = this.#sessions.get(session)
    if (entry?.session === undefined) throw new SkeinError('session-unknown')
    entry.session.rollback(epoch, position, from)
  }

  close(session: SessionId, from: PeerKey): void {
    const entry = this.#sessions.get(session)
    if (entry === undefined) throw new SkeinError('session-unknown')
    if (entry.coordinator !== from) {
      throw new SkeinError('protocol-violation', 'a close by a peer that may not')
    }
    this.#end(session, entry)
  }

  silent(peer: PeerKey): void {
    for (const { session } of [...this.#sessions.values()]) session?.neighbour('silent', peer)
  }

  gone(peer: PeerKey): void {
    for (const [session, entry] of [...this.#sessions]) {
      if (entry.coordinator === peer) this.#end(session, entry)
      else entry.session?.neighbour('lost', peer)
    }
  }

  /** Share of the time, 0 to 1, that may be spent computing for others. */
  setShare(share: number): void {
    this.#share = share
    for (const stage of this.#stages) stage.setShare(share)
  }

  /** Processes that compute. */
  processIds(): number[] {
    return [...this.#stages].flatMap(({ processId }) => processId ?? [])
  }

  /** Sessions of others, those on their way among them. */
  othersAtWork(): number {
    const { self } = this.#options.network
    return [...this.#sessions.values()].filter(({ coordinator }) => coordinator !== self).length
  }

  /** Ends the sessions of others at once; their coordinators go on elsewhere. */
  endOthers(): void {
    const { self } = this.#options.network
    for (const [id, entry] of [...this.#sessions]) {
      if (entry.coordinator === self) continue
      entry.isClosed = true
      this.#sessions.delete(id)
      entry.session?.end(new SkeinError('peer-draining'))
    }
  }

  /** What others may use now. */
  offers(): StageOffer[] {
    return [...this.#stages].flatMap((stage) => stage.offer() ?? [])
  }

  status(): StageStatus[] {
    return [...this.#stages].map((stage) => stage.status())
  }

  get isDraining(): boolean {
    return this.#isDraining
  }

  /** Calls `listener` when offers or status change. Returns what ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** As `drain`, but for no longer than `millis`: some sessions have nowhere to go. */
  async leave(millis: number): Promise<void> {
    const timer = Promise.withResolvers<undefined>()
    const timeout = setTimeout(() => timer.resolve(undefined), millis)
    await Promise.race([this.drain(), timer.promise])
    clearTimeout(timeout)
  }

  /** Takes no new sessions, asks those at work to move on, and resolves when they have. */
  async drain(): Promise<void> {
    this.#isDraining = true
    this.#changed()
    await Promise.all([...this.#stages].map((stage) => stage.drain()))
  }

  /** Ends everything at once, engines too. */
  async stop(): Promise<void> {
    this.#isDraining = true
    this.#stopped.abort()
    clearInterval(this.#sweeper)
    await Promise.all([...this.#stages].map((stage) => stage.stop()))
    await Promise.allSettled(this.#taking)
    this.#stages.clear()
  }

  /** Where a range begins and ends says who comes before and after it. */
  #checkPlace(request: OpenSession, stage: HostedStage): void {
    const isTail = request.range.end === stage.plan.model.layers
    if (isTail !== (request.downstream === null)) {
      throw new SkeinError(
        'protocol-violation',
        'a tail that is not last, or a last stage that is no tail'
      )
    }
    if (request.maxTokens < 1)
      throw new SkeinError('protocol-violation', 'a session without tokens')
  }

  /** Sessions of this coordinator that have no place yet. */
  #openingOf(coordinator: PeerKey): number {
    const entries = [...this.#sessions.values()]
    return entries.filter((it) => it.coordinator === coordinator && it.session === undefined).length
  }

  async #linkTo(peer: PeerKey | null): Promise<StageLink | undefined> {
    return peer === null ? undefined : this.#options.network.link(peer)
  }

  #find(wanted: StageName): HostedStage | undefined {
    for (const stage of this.#stages) {
      const { model, range } = stage.plan
      const isIt =
        model.key === wanted.model &&
        model.adapter === wanted.adapter &&
        range.first === wanted.range.first &&
        range.end === wanted.range.end
      if (isIt) return stage
    }
    return undefined
  }

  #end(session: SessionId, entry: Entry): void {
    entry.isClosed = true
    this.#sessions.delete(session)
    entry.session?.end()
  }

  #sweep(): void {
    for (const stage of this.#stages) stage.sweep(this.#now() - unusedMs)
  }

  #changed(): void {
    for (const listener of this.#listeners) listener()
  }
}
