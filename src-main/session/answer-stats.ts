import type { AnswerReport, RouteStage } from '#contract/chat.ts'
import type { ModelKey } from '#contract/model.ts'
import type { SessionId } from '#contract/peer.ts'
import type { StepOutcome } from './chain-session.ts'

interface Phase {
  tokens: number
  millis: number
  readonly computeMillis: number[]
  readonly waitMillis: number[]
  wireMillis: number
}

export interface StatsOptions {
  readonly session: SessionId
  readonly model: ModelKey
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
  readonly #hopBytes: number[]
  #firstTokenAt: number | undefined
  #answerTokens = 0

  constructor(options: StatsOptions) {
    this.#options = options
    const stages = options.route.length
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
    this.#decode.wireMillis += Math.max(0, step.millis - accounted)
    step.result.hopBytes.forEach((bytes, hop) => {
      this.#hopBytes[hop] = (this.#hopBytes[hop] ?? 0) + bytes
    })
  }

  addToken(now: number): void {
    this.#firstTokenAt ??= now
    this.#answerTokens++
  }

  report(): AnswerReport {
    const { session, model, route, promptTokens, seed, startedAt } = this.#options
    return {
      session,
      model,
      route: [...route],
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
  for (const [stage, { computeMicros, waitMicros }] of result.timings.entries()) {
    phase.computeMillis[stage] = (phase.computeMillis[stage] ?? 0) + computeMicros / 1000
    phase.waitMillis[stage] = (phase.waitMillis[stage] ?? 0) + waitMicros / 1000
    accounted += (computeMicros + waitMicros) / 1000
  }
  return accounted
}

function rate({ tokens, millis }: Phase): number {
  return millis === 0 ? 0 : (tokens * 1000) / millis
}

function splitOf({ computeMillis, waitMillis, wireMillis }: Phase) {
  return { computeMillis: [...computeMillis], waitMillis: [...waitMillis], wireMillis }
}
