import type { Decision, LimiterName } from '#contract/decision.ts'
import { decisionSentence } from '#contract/decision-sentence.ts'
import type { Logger } from '#contract/log.ts'
import type { Settings } from '#contract/settings.ts'
import type { Signals } from '#contract/signals.ts'
import { decide, firstState } from '#policy/decide.ts'
import type { Now, OwnUse } from '#policy/known.ts'
import { nextDuty, restingDuty } from './duty.ts'

/** How often it looks without being told that something has changed. */
const everyMs = 1000
/** Own share of a GPU from which on it is taken to be computing as much as it may. */
const nearly = 0.8

/** What holds now. */
export interface Governed {
  readonly decision: Decision
  /** Share of the time, 0 to 1, that may be spent computing for others. */
  readonly duty: number
  /** What makes it less than 1, while there is any. */
  readonly limitedBy: LimiterName | undefined
}

export interface GovernorOptions {
  readonly signals: {
    current(): Signals
    onChange(listener: () => void): () => void
  }
  readonly settings: {
    readonly current: Settings
    onChange(listener: () => void): () => void
  }
  /** What Skein uses itself now. */
  readonly own: () => OwnUse
  /** Makes it so. Called when anything that it tells has changed, and at least once. */
  readonly act: (governed: Governed) => void
  readonly now?: () => Now
  readonly log: Logger
}

/** Decides, regulates and acts: every second, and at once when a signal or a setting changes. */
export class Governor {
  readonly #options: GovernorOptions
  readonly #now: () => Now
  readonly #stopListening: readonly (() => void)[]
  #policy = firstState
  #duty = restingDuty
  #regulatedAt: number
  #governed: Governed
  #timer: NodeJS.Timeout | undefined

  constructor(options: GovernorOptions) {
    this.#options = options
    this.#now = options.now ?? presentTime
    const now = this.#now()
    this.#regulatedAt = now.monotonic
    this.#governed = { decision: this.#decide(now), duty: 0, limitedBy: undefined }
    const look = (): void => this.look()
    this.#stopListening = [options.signals.onChange(look), options.settings.onChange(look)]
  }

  get current(): Governed {
    return this.#governed
  }

  start(): void {
    this.#tell()
    this.#options.act(this.#governed)
    this.#timer = setInterval(() => this.look(), everyMs)
    this.#timer.unref()
  }

  /** Looks now. */
  look(): void {
    const now = this.#now()
    const before = this.#governed
    const decision = this.#decide(now)
    const work = decision.limits.compute.work
    const isDue = now.monotonic - this.#regulatedAt >= everyMs / 2
    if (isDue || work !== before.decision.limits.compute.work) this.#regulate(decision, now)
    const { duty, limitedBy } = this.#duty
    this.#governed = { decision, duty, limitedBy }
    if (decision.reason !== before.decision.reason) this.#tell()
    if (isOther(this.#governed, before)) this.#options.act(this.#governed)
  }

  close(): void {
    clearInterval(this.#timer)
    for (const stop of this.#stopListening) stop()
  }

  #decide(now: Now): Decision {
    const { signals, settings, own } = this.#options
    const known = { signals: signals.current(), settings: settings.current, own: own() }
    const { decision, state } = decide(this.#policy, known, now)
    this.#policy = state
    return decision
  }

  #regulate(decision: Decision, { monotonic }: Now): void {
    const signals = this.#options.signals.current()
    const seconds = (monotonic - this.#regulatedAt) / 1000
    this.#regulatedAt = monotonic
    const used = this.#usedShare(signals)
    this.#duty = nextDuty(this.#duty, decision.limits.compute, signals, { seconds, used })
  }

  /** Share of the time that was spent computing for others: by the GPU, where one tells, else by whether there is anything to compute. */
  #usedShare({ gpus }: Signals): number {
    const { duty } = this.#duty
    if (this.#options.own().answers === 0) return 0
    const shares = (gpus.kind === 'value' ? gpus.value : []).flatMap(({ use, useByOthers }) =>
      use === undefined || useByOthers === undefined ? [] : [use - useByOthers]
    )
    const most = shares.length === 0 ? duty : Math.max(...shares)
    return most >= duty * nearly ? duty : most
  }

  #tell(): void {
    const { decision } = this.#governed
    const sentence = decisionSentence(decision, { now: this.#now().wall })
    this.#options.log.info('lending', { state: decision.state, reason: decision.reason, sentence })
  }
}

/** Small changes of the share are not worth a message to each engine. */
function isOther(now: Governed, before: Governed): boolean {
  const moved = Math.abs(now.duty - before.duty) > 0.005
  return moved || told(now) !== told(before)
}

/** What others are to know or to do by it; budgets of memory change with every reading, and are looked up when they are needed. */
function told({ decision, limitedBy }: Governed): string {
  const { state, reason, facts, others, transfer, limits } = decision
  const { work, keepsMemory } = limits.compute
  return JSON.stringify([
    state,
    reason,
    facts,
    others,
    transfer,
    limits.transfer.isAllowed,
    work,
    keepsMemory,
    limitedBy
  ])
}

function presentTime(): Now {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
  return { wall: Date.now(), monotonic: performance.now(), timeZone }
}
