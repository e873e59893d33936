import type { AnswerReport, Heal, RouteStage } from '#contract/chat.ts'
import type { ModelInfo } from '#contract/model.ts'
import type { SessionId } from '#contract/peer.ts'
import type { StepOutcome } from './chain-news.ts'
import type { HealedRun } from './healer.ts'

interface Phase {
  tokens: number
  millis: number
  computeMillis: number[]
  waitMillis: number[]
  wireMillis: number
}

export interface StatsOptions {
  readonly session: SessionId
  readonly model: Pick<ModelInfo, 'key' | 'adapter'>
  readonly route: readonly RouteStage[]
  readonly promptTokens: number
  readonly seed: number
  /** When the request came, in milliseconds of the same clock as all others here. */
  readonly startedAt: number
}

/** Counts where the time of an answer goes. */
export class AnswerStats {
  readonly #options: StatsOptions
  readonly #prefill: Phase
  readonly #decode: Phase
  #route: readonly RouteStage[]
  #hopBytes: number[]
  readonly #heals: Heal[] = []
  /** Heals, at the end of the list, since which no step has come back. */
  #openHeals = 0
  #firstTokenAt: number | undefined
  #answerTokens = 0

  constructor(options: StatsOptions) {
    this.#options = options
    const stages = options.route.length
    this.#route = options.route
    this.#prefill = emptyPhase(stages)
    this.#decode = emptyPhase(stages)
    this.#hopBytes = Array.from({ length: stages - 1 }, () => 0)
  }

  get answerTokens(): number {
    return this.#answerTokens
  }

  /**
   * The whole prefill: `chunks` overlapped, so the wire's share is what is left of the time after the busiest stage and one
   * chunk on each of the others.
   */
  addPrefill(chunks: readonly StepOutcome[], millis: number): void {
    for (const chunk of chunks) addTimings(this.#prefill, chunk)
    this.#prefill.tokens = this.#options.promptTokens
    this.#prefill.millis = millis
    const perStage = this.#prefill.computeMillis
    const busiest = Math.max(...perStage)
    const others = perStage.reduce((sum, compute) => sum + compute, 0) - busiest
    const filling = others / Math.max(1, chunks.length)
    this.#prefill.wireMillis = Math.max(0, millis - busiest - filling)
  }

  /** One token's way through the chain. */
  addDecode(step: StepOutcome): void {
    const accounted = addTimings(this.#decode, step)
    this.#decode.tokens++
    this.#decode.millis += step.millis
    if (!this.endPause(step)) this.#decode.wireMillis += Math.max(0, step.millis - accounted)
    step.result.hopBytes.forEach((bytes, hop) => {
      this.#hopBytes[hop] = (this.#hopBytes[hop] ?? 0) + bytes
    })
  }

  /** Other stages took over a part of the chain, which is `route` now. What the old ones spent counts for the layers' new ones. */
  addHeal({ run, stages }: HealedRun, replayedTokens: number, route: readonly RouteStage[]): void {
    const { first, count, range, error } = run
    const from = this.#route.slice(first, first + count).map(({ peer }) => peer)
    const to = stages.map(({ peer }) => peer)
    this.#heals.push({ range, from, to, why: error.code, replayedTokens, pauseMillis: 0 })
    this.#openHeals++
    for (const phase of [this.#prefill, this.#decode]) {
      phase.computeMillis = exchanged(phase.computeMillis, first, count, to.length)
      phase.waitMillis = exchanged(phase.waitMillis, first, count, to.length)
    }
    this.#hopBytes = exchanged([...this.#hopBytes, 0], first, count, to.length).slice(0, -1)
    this.#route = route
  }

  /** The answer goes on through another chain. */
  resumed(route: readonly RouteStage[]): void {
    const { length } = this.#route
    for (const phase of [this.#prefill, this.#decode]) {
      phase.computeMillis = exchanged(phase.computeMillis, 0, length, route.length)
      phase.waitMillis = exchanged(phase.waitMillis, 0, length, route.length)
    }
    this.#hopBytes = exchanged([...this.#hopBytes, 0], 0, length, route.length).slice(0, -1)
    this.#route = route
  }

  /** A step came back: whether it had waited for a heal. */
  endPause({ millis }: StepOutcome): boolean {
    const waited = this.#openHeals > 0
    for (const heal of this.#heals.splice(this.#heals.length - this.#openHeals)) {
      this.#heals.push({ ...heal, pauseMillis: millis })
    }
    this.#openHeals = 0
    return waited
  }

  addToken(now: number): void {
    this.#firstTokenAt ??= now
    this.#answerTokens++
  }

  report(): AnswerReport {
    const { session, model, promptTokens, seed, startedAt } = this.#options
    return {
      session,
      model: model.key,
      ...(model.adapter === undefined ? {} : { adapter: model.adapter }),
      route: [...this.#route],
      heals: [...this.#heals],
      promptTokens,
      answerTokens: this.#answerTokens,
      prefillTokensPerSecond: rate(this.#prefill),
      decodeTokensPerSecond: rate(this.#decode),
      firstTokenMillis: this.#firstTokenAt === undefined ? 0 : this.#firstTokenAt - startedAt,
      bytesPerTokenPerHop: this.#hopBytes.map((bytes) => bytes / Math.max(1, this.#decode.tokens)),
      prefillTime: splitOf(this.#prefill),
      decodeTime: splitOf(this.#decode),
      seed
    }
  }
}

function emptyPhase(stages: number): Phase {
  const zeros = (): number[] => Array.from({ length: stages }, () => 0)
  return { tokens: 0, millis: 0, computeMillis: zeros(), waitMillis: zeros(), wireMillis: 0 }
}

/** Adds a step's timings; returns how much of its time they account for, in milliseconds. */
function addTimings(phase: Phase, { result }: StepOutcome): number {
  let accounted = 0
  // A step that was on its way when the chain changed has been through other stages.
  if (result.timings.length !== phase.computeMillis.length) return accounted
  for (const [stage, { computeMicros, waitMicros }] of result.timings.entries()) {
    phase.computeMillis[stage] = (phase.computeMillis[stage] ?? 0) + computeMicros / 1000
    phase.waitMillis[stage] = (phase.waitMillis[stage] ?? 0) + waitMicros / 1000
    accounted += (computeMicros + waitMicros) / 1000
  }
  return accounted
}

/** A list with one entry for each stage, after some of them were replaced: the first new one has the sum of the old ones. */
function exchanged(list: readonly number[], first: number, count: number, added: number): number[] {
  const sum = list.slice(first, first + count).reduce((total, value) => total + value, 0)
  const entries = Array.from({ length: added }, (_, index) => (index === 0 ? sum : 0))
  return list.toSpliced(first, count, ...entries)
}

function rate({ tokens, millis }: Phase): number {
  return millis === 0 ? 0 : (tokens * 1000) / millis
}

function splitOf({ computeMillis, waitMillis, wireMillis }: Phase) {
  return { computeMillis: [...computeMillis], waitMillis: [...waitMillis], wireMillis }
}
