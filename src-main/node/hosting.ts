import { totalmem } from 'node:os'
import { SkeinError } from '#contract/errors.ts'
import type { Logger } from '#contract/log.ts'
import type { LayerRange, ModelInfo, ModelKey } from '#contract/model.ts'
import type { HostedStage } from '#contract/status.ts'
import type { StageHost } from '#host/stage-host.ts'
import type { StagePlan } from '#host/stage-plan.ts'

/** Bytes below which unloading frees too little to be worth the wait for the next question. */
const worthGivingBack = 256 * 2 ** 20
/** A chat that was paused for longer is over. */
const askedLatelyMs = 10 * 60_000

/** Share of the memory that a model may take which nobody asked this computer to host. */
const onDemandShare = 0.7

export interface HostingOptions {
  readonly host: Pick<StageHost, 'take' | 'release' | 'status'>
  readonly plan: (model: ModelInfo, range: LayerRange) => StagePlan
  /** Whether every byte of a model is on this computer. */
  readonly isWhole: (key: ModelKey) => boolean
  /** Whether a question may load a model that nobody asked this computer to host. */
  readonly loadsOnDemand: boolean
  /** Bytes of memory in this computer. */
  readonly memoryBytes?: number
  /** Milliseconds, monotonic. */
  readonly now?: () => number
  readonly onChange: () => void
  readonly log: Logger
}

/** A range that this computer shall host, whatever became of it. */
interface Kept {
  readonly model: ModelInfo
  readonly range: LayerRange
  readonly stop: AbortController
  /** Settles when it is loaded, or with why not. */
  loaded: Promise<void>
  error?: SkeinError
}

/** What this computer hosts, or is about to. A range that failed stays on the list, and is tried again when it is needed. */
export class Hosting {
  readonly #options: HostingOptions
  readonly #kept = new Set<Kept>()
  #onDemand: Kept | undefined
  #askedAt = -Infinity

  constructor(options: HostingOptions) {
    this.#options = options
  }

  /** Loads a range and keeps it loaded. Asked again, it is the same one; where that failed, it is tried again. Throws why it failed. */
  keep(model: ModelInfo, range: LayerRange): Promise<void> {
    const known = [...this.#kept].find((it) => isSame(it, model, range))
    if (known !== undefined) return this.#again(known)
    return this.#begin(model, range).loaded
  }

  /** Gives up what is hosted of a model: this range of it, or all. Resolves to how many, when sessions at work have ended. */
  release(model: ModelInfo, range?: LayerRange): Promise<number> {
    return this.#endAll((it) => (range === undefined ? isOf(it, model) : isSame(it, model, range)))
  }

  /** Gives up all that stands on the bytes of a model or an adapter. Resolves when sessions at work have ended. */
  async forget(key: ModelKey): Promise<void> {
    await this.#endAll(({ model }) => model.key === key || model.adapter === key)
  }

  /**
   * Before a question: loads the model from end to end where it is hosted so, or could be; then the question stays here. Throws why what
   * is hosted could not be loaded.
   */
  async prepare(model: ModelInfo): Promise<void> {
    this.#askedAt = this.#now()
    await this.#settle(model, ({ range }) => range.first === 0 && range.end === model.layers)
    if (!this.#mayLoad(model)) return
    const kept = this.#beginOnDemand(model)
    // Others may serve it still.
    await kept.loaded.catch(() => this.#end(kept))
  }

  /** When no chain was found: loads what can be loaded of the model. Throws why it could not be. */
  async cover(model: ModelInfo): Promise<void> {
    await this.#settle(model, () => true)
    if (this.#mayLoad(model)) await this.#beginOnDemand(model).loaded
  }

  stages(): HostedStage[] {
    const loaded = this.#options.host.status()
    const others = [...this.#kept].filter((it) => loaded.every((stage) => !isStage(it, stage)))
    return [...loaded.map(withError), ...others.map(statusOf)]
  }

  /**
   * Unloads what is large and not at work, unless a question came lately: whoever chats here wants it kept. It comes back with `takeBack`,
   * or with the next question.
   */
  giveBack(): void {
    if (this.#now() - this.#askedAt < askedLatelyMs) return
    for (const kept of this.#kept) {
      const stage = this.#stageOf(kept)
      const isFree = stage?.state === 'ready' && stage.sessions === 0
      if (!isFree || stage.memoryBytes < worthGivingBack) continue
      kept.error = new SkeinError('memory-given-back')
      const { key, adapter } = kept.model
      kept.loaded = this.#options.host.release(key, kept.range, adapter)
      this.#options.onChange()
    }
  }

  /** Loads again what was given back. */
  takeBack(): void {
    for (const kept of this.#kept) if (kept.error?.code === 'memory-given-back') this.#load(kept)
  }

  /** Stops what is on its way; what is loaded is the host's. */
  async close(): Promise<void> {
    const all = [...this.#kept]
    for (const { stop } of all) stop.abort()
    await Promise.allSettled(all.map(({ loaded }) => loaded))
  }

  #now(): number {
    return this.#options.now?.() ?? performance.now()
  }

  #begin(model: ModelInfo, range: LayerRange): Kept {
    const kept: Kept = { model, range, stop: new AbortController(), loaded: Promise.resolve() }
    this.#kept.add(kept)
    this.#load(kept)
    return kept
  }

  #load(kept: Kept): void {
    delete kept.error
    // What was given back may still be on its way out.
    const before = kept.loaded.catch(() => undefined)
    kept.loaded = before.then(() => this.#take(kept))
    // Whoever needs it hears of it; the status tells it meanwhile.
    kept.loaded.catch(() => undefined)
    this.#options.onChange()
  }

  async #take(kept: Kept): Promise<void> {
    const { host, plan, log, onChange } = this.#options
    const { model, range, stop } = kept
    try {
      await host.take(plan(model, range), stop.signal)
    } catch (thrown) {
      kept.error = SkeinError.from(thrown)
      const { code, detail } = kept.error
      if (code !== 'cancelled') log.error('layers could not be loaded', { code, detail })
      onChange()
      throw kept.error
    }
  }

  /** Waits for what is about to be loaded, and tries again what failed. */
  async #settle(model: ModelInfo, isWanted: (kept: Kept) => boolean): Promise<void> {
    const wanted = [...this.#kept].filter((it) => isOf(it, model) && isWanted(it))
    const unready = wanted.filter((it) => !this.#isReady(it) && !this.#isComing(it))
    await Promise.all(unready.map((it) => this.#again(it)))
  }

  async #again(kept: Kept): Promise<void> {
    const stage = this.#stageOf(kept)
    // Its engine crashed again and again, and is not started any more.
    if (stage?.state === 'failed')
      await this.#options.host.release(kept.model.key, kept.range, kept.model.adapter)
    if (kept.error !== undefined || stage?.state === 'failed') this.#load(kept)
    return kept.loaded
  }

  /** One such model at a time: the one before goes as soon as its sessions have ended. */
  #beginOnDemand(model: ModelInfo): Kept {
    if (this.#onDemand !== undefined) void this.#end(this.#onDemand)
    this.#onDemand = this.#begin(model, { first: 0, end: model.layers })
    return this.#onDemand
  }

  #mayLoad(model: ModelInfo): boolean {
    const { loadsOnDemand, isWhole, memoryBytes = totalmem() } = this.#options
    const isKept = [...this.#kept].some((it) => isOf(it, model))
    const fits = model.bytes <= memoryBytes * onDemandShare
    return loadsOnDemand && !isKept && isWhole(model.key) && fits
  }

  #isReady(kept: Kept): boolean {
    return this.#stageOf(kept)?.state === 'ready'
  }

  /** Its bytes come from peers: that may take hours, and nobody waits for it. */
  #isComing(kept: Kept): boolean {
    const isOnItsWay = kept.error === undefined && this.#stageOf(kept) === undefined
    return isOnItsWay && !this.#options.isWhole(kept.model.key)
  }

  #stageOf(kept: Kept): HostedStage | undefined {
    return this.#options.host.status().find((stage) => isStage(kept, stage))
  }

  async #endAll(isGiven: (kept: Kept) => boolean): Promise<number> {
    const given = [...this.#kept].filter(isGiven)
    await Promise.all(given.map((it) => this.#end(it)))
    return given.length
  }

  async #end(kept: Kept): Promise<void> {
    this.#kept.delete(kept)
    if (this.#onDemand === kept) this.#onDemand = undefined
    kept.stop.abort()
    await kept.loaded.catch(() => undefined)
    await this.#options.host.release(kept.model.key, kept.range, kept.model.adapter)
    this.#options.onChange()
  }
}

function isOf(kept: Kept, { key, adapter }: ModelInfo): boolean {
  return kept.model.key === key && kept.model.adapter === adapter
}

function isSame(kept: Kept, model: ModelInfo, { first, end }: LayerRange): boolean {
  return isOf(kept, model) && kept.range.first === first && kept.range.end === end
}

function isStage({ model, range }: Kept, stage: HostedStage): boolean {
  const isModel = stage.model === model.key && stage.adapter === model.adapter
  return isModel && stage.range.first === range.first && stage.range.end === range.end
}

function withError(stage: HostedStage): HostedStage {
  return stage.state === 'failed'
    ? { ...stage, error: new SkeinError('engine-crashed').toValue() }
    : stage
}

function statusOf({ model, range, error }: Kept): HostedStage {
  return {
    model: model.key,
    ...(model.adapter === undefined ? {} : { adapter: model.adapter }),
    range,
    state: error === undefined ? 'preparing' : 'failed',
    sessions: 0,
    slots: 0,
    memoryBytes: 0,
    ...(error === undefined ? {} : { error: error.toValue() })
  }
}
