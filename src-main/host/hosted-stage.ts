import type { StageOffer } from '#contract/announce.ts'
import { SkeinError } from '#contract/errors.ts'
import type { Logger } from '#contract/log.ts'
import type { ModelKey } from '#contract/model.ts'
import type { PeerKey, SessionId } from '#contract/peer.ts'
import {
  maxRowsFor,
  wireDtypes,
  type OpenedSession,
  type OpenSession,
  type StageCaller,
  type StageLink
} from '#contract/stage.ts'
import type { HostedStage as StageStatus } from '#contract/status.ts'
import type { StageOptions, StageProcess } from '#engine/engine-supervisor.ts'
import { RestartBackoff } from '#engine/restart-backoff.ts'
import type { ByteBudget } from '#swarm/byte-budget.ts'
import type { LoadPlan } from './stage-plan.ts'
import { StageSession } from './stage-session.ts'

/** Rows per step that keep stages of a chain busy at the same time: large enough for the matrix kernels, small enough to overlap. */
const rowsPerStep = 128

export interface HostedStageOptions {
  /** This peer: its own sessions come before those of others. */
  readonly self: PeerKey
  readonly plan: LoadPlan
  /** The file that the engine loads. */
  readonly file: string
  /** The adapter's part, where the model has an adapter on it that changes these layers. */
  readonly adapterFile?: string
  readonly entry: URL
  readonly startStage: (options: StageOptions) => Promise<StageProcess>
  readonly now: () => number
  /** Bytes of sent boundaries that the sessions of all stages may keep. */
  readonly history: ByteBudget
  readonly log?: Logger
  /** Something that `offer` or `status` tells has changed. */
  readonly onChange: () => void
  /** A session is gone. */
  readonly onSessionEnd: (session: SessionId) => void
}

type State = StageStatus['state']

/** One range at work: its engine process, which starts again a few times when it crashes, and its sessions. */
export class HostedStage {
  readonly plan: LoadPlan
  readonly #options: HostedStageOptions
  readonly #sessions = new Set<StageSession>()
  readonly #restart = new RestartBackoff()
  #process: StageProcess | undefined
  #state: State = 'loading'
  #starting: Promise<void> | undefined
  /** A stage that was stopped never starts again. */
  readonly #stopped = new AbortController()
  #startedAt = 0
  #restartTimer: NodeJS.Timeout | undefined
  #emptied: (() => void) | undefined
  /** Share of the time that may be spent computing for others. */
  #share = 1
  /** What the engine process was told last. */
  #appliedShare = 1

  constructor(options: HostedStageOptions) {
    this.plan = options.plan
    this.#options = options
  }

  /** Loads the stage. Throws what the engine throws, and `cancelled` when it is stopped meanwhile. */
  start(): Promise<void> {
    this.#starting = this.#load()
    return this.#starting
  }

  async #load(): Promise<void> {
    const { plan, file, adapterFile, entry, log } = this.#options
    this.#become('loading')
    this.#startedAt = this.#options.now()
    try {
      const { model, ...resources } = plan
      const { signal } = this.#stopped
      const files = adapterFile === undefined ? { file } : { file, adapterFile }
      const options = { ...resources, layers: model.layers, ...files, entry, signal }
      const process = await this.#options.startStage(
        log === undefined ? options : { ...options, log }
      )
      this.#process = process
      this.#appliedShare = 1
      process.onExit((exit) => {
        if (!exit.expected) this.#onCrash(process)
      })
      this.#applyShare()
      this.#become('ready')
    } catch (thrown) {
      this.#become('failed')
      throw SkeinError.from(thrown, 'engine-load-failed')
    }
  }

  /** Takes a place for a session. Throws `stage-full`, `peer-draining`, `engine-crashed`. */
  open(request: OpenSession, caller: StageCaller, downstream: StageLink | undefined): StageSession {
    const process = this.#process
    if (this.#state === 'draining') throw new SkeinError('peer-draining')
    if (process === undefined || this.#state !== 'ready')
      throw new SkeinError('engine-crashed', 'not ready')
    const session = new StageSession({
      request,
      caller,
      process,
      downstream,
      slot: process.openSlot(request.maxTokens),
      now: this.#options.now,
      history: this.#options.history,
      onEnd: () => this.#onSessionEnd(session)
    })
    this.#sessions.add(session)
    this.#applyShare()
    this.#options.onChange()
    return session
  }

  opened(): OpenedSession {
    const { batchTokens, model } = this.plan
    const most = this.#process?.info.maxRows ?? batchTokens
    return { preferredRows: Math.min(rowsPerStep, most, maxRowsFor(model.width)) }
  }

  /** Its engine process; `undefined` while there is none. */
  get processId(): number | undefined {
    return this.#process?.pid
  }

  /** Share of the time, 0 to 1, that may be spent computing for others. While this person's own answer is at work, all of it may. */
  setShare(share: number): void {
    this.#share = share
    this.#applyShare()
  }

  #applyShare(): void {
    const isOwn = [...this.#sessions].some(({ coordinator }) => coordinator === this.#options.self)
    const share = isOwn ? 1 : this.#share
    if (share === this.#appliedShare) return
    this.#appliedShare = share
    this.#process?.setShare(share)
  }

  /** Ends sessions that nobody used since `before`. */
  sweep(before: number): void {
    for (const session of [...this.#sessions]) {
      if (session.usedAt < before)
        session.end(new SkeinError('session-unknown', 'unused for too long'))
    }
  }

  /** What this stage offers to others; `undefined` while it cannot serve. */
  offer(): StageOffer | undefined {
    if (this.#process === undefined || this.#state !== 'ready') return undefined
    const { model, range, slots, contextTokens } = this.plan
    const free = this.#process.free()
    return {
      model: model.key,
      ...adapterOf(this.plan),
      range,
      layers: model.layers,
      width: model.width,
      slots,
      freeSlots: free.slots,
      contextTokens,
      freeTokens: free.tokens,
      dtypes: [...wireDtypes],
      ...this.#process.speed()
    }
  }

  status(): StageStatus {
    const memory = this.#process?.info.memory
    const { microsPerLayer } = this.#process?.speed() ?? {}
    return {
      model: this.plan.model.key,
      ...adapterOf(this.plan),
      range: this.plan.range,
      state: this.#state,
      sessions: this.#sessions.size,
      slots: this.plan.slots,
      memoryBytes:
        memory === undefined ? 0 : memory.weightBytes + memory.cacheBytes + memory.computeBytes,
      ...(microsPerLayer === undefined ? {} : { microsPerLayer })
    }
  }

  /** Takes no new sessions, asks those at work to move on, and resolves when they have. */
  async drain(): Promise<void> {
    if (this.#state === 'ready') this.#become('draining')
    for (const session of this.#sessions) session.leave()
    if (this.#sessions.size === 0) return
    await new Promise<void>((resolve) => (this.#emptied = resolve))
  }

  /** Ends what is at work and the engine process. */
  async stop(): Promise<void> {
    clearTimeout(this.#restartTimer)
    if (this.#state !== 'failed') this.#become('draining')
    this.#endAll(new SkeinError('peer-draining'))
    this.#stopped.abort()
    await this.#starting?.catch(() => undefined)
    const process = this.#process
    this.#process = undefined
    await process?.stop()
  }

  #onCrash(process: StageProcess): void {
    if (this.#process !== process) return
    this.#process = undefined
    const delay = this.#restart.next(this.#options.now() - this.#startedAt, Math.random())
    const isEnding = this.#state === 'draining'
    this.#become('failed')
    this.#endAll(new SkeinError('engine-crashed'))
    if (delay === undefined || isEnding) return
    this.#options.log?.warn('engine stopped, starting it again', { delayMs: delay })
    this.#restartTimer = setTimeout(() => {
      this.start().catch((thrown: unknown) => {
        this.#options.log?.error('stage lost', { code: SkeinError.from(thrown).code })
      })
    }, delay)
  }

  #endAll(error: SkeinError): void {
    for (const session of [...this.#sessions]) session.end(error)
  }

  #onSessionEnd(session: StageSession): void {
    this.#sessions.delete(session)
    this.#applyShare()
    this.#options.onSessionEnd(session.request.session)
    this.#options.onChange()
    if (this.#sessions.size === 0) this.#emptied?.()
  }

  #become(state: State): void {
    this.#state = state
    this.#options.onChange()
  }
}

function adapterOf({ model: { adapter } }: LoadPlan): { readonly adapter?: ModelKey } {
  return adapter === undefined ? {} : { adapter }
}
