import type { Sampling } from '#contract/chat.ts'
import type { Candidates } from '#contract/stage.ts'
import { MersenneTwister } from './mersenne-twister.ts'
import { Penalties } from './penalties.ts'

interface Candidate {
  readonly token: number
  readonly logit: number
}

/**
 * llama.cpp's sampler chain with the same steps, order and draws: penalties, top-k, top-p, min-p, temperature, distribution.
 * It works on the candidates that a tail returned; where no top-k narrows them, top-p takes the probabilities from the log-sum-exp of the
 * whole vocabulary, so that the candidates that did not travel count too.
 */
export class Sampler {
  readonly #sampling: Sampling
  readonly #penalties: Penalties
  readonly #random: MersenneTwister

  constructor(sampling: Sampling, seed: number) {
    this.#sampling = sampling
    this.#penalties = new Penalties(sampling)
    this.#random = new MersenneTwister(seed)
  }

  /** Tells the penalties of a token of the prompt or the answer. */
  accept(token: number): void {
    this.#penalties.accept(token)
  }

  /** Picks the next token; the caller accepts it. */
  pick(candidates: Candidates): number {
    const { temperature } = this.#sampling
    let kept = this.#penalties.apply(listOf(candidates))
    kept = this.#topK(kept)
    kept = this.#topP(kept, candidates)
    kept = this.#minP(kept)
    if (temperature === 0) return bestOf(kept).token
    return this.#draw(
      kept.map(({ token, logit }) => ({ token, logit: Math.fround(logit / temperature) }))
    )
  }

  #topK(list: readonly Candidate[]): readonly Candidate[] {
    const { topK } = this.#sampling
    return topK === 0 ? list : sorted(list).slice(0, topK)
  }

  #topP(list: readonly Candidate[], { logits, logSumExp }: Candidates): readonly Candidate[] {
    const { topP, topK } = this.#sampling
    if (topP >= 1) return list
    const byLogit = sorted(list)
    const total = topK === 0 ? this.#wholeLogSumExp(list, logits, logSumExp) : logSumExpOf(byLogit)
    let sum = 0
    const last = byLogit.findIndex(({ logit }) => {
      sum = Math.fround(sum + Math.fround(Math.exp(logit - total)))
      return sum >= topP
    })
    return last === -1 ? byLogit : byLogit.slice(0, last + 1)
  }

  /** The log-sum-exp of the vocabulary after the penalties changed some of its logits. */
  #wholeLogSumExp(list: readonly Candidate[], before: Float32Array, logSumExp: number): number {
    if (!this.#penalties.isOn) return logSumExp
    const share = (logit: number): number => Math.exp(logit - logSumExp)
    const was = before.reduce((sum, logit) => sum + share(logit), 0)
    const is = list.reduce((sum, { logit }) => sum + share(logit), 0)
    return logSumExp + Math.log(Math.max(0, 1 - was) + is)
  }

  #minP(list: readonly Candidate[]): readonly Candidate[] {
    const { minP } = this.#sampling
    if (minP === 0) return list
    const least = Math.fround(bestOf(list).logit + Math.fround(Math.log(minP)))
    return list.filter(({ logit }) => logit >= least)
  }

  #draw(list: readonly Candidate[]): number {
    const most = bestOf(list).logit
    const weights = list.map(({ logit }) => Math.fround(Math.exp(logit - most)))
    const target = this.#random.nextDouble() * weights.reduce((sum, weight) => sum + weight, 0)
    let sum = 0
    const picked = weights.findIndex((weight) => (sum += weight) >= target)
    return (list[picked] ?? bestOf(list)).token
  }
}

function listOf({ tokens, logits }: Candidates): Candidate[] {
  return Array.from(tokens, (token, index) => ({ token, logit: logits[index] ?? -Infinity }))
}

/** Best first; equal ones keep their order. */
function sorted(list: readonly Candidate[]): readonly Candidate[] {
  return list.toSorted((a, b) => b.logit - a.logit)
}

function bestOf(list: readonly Candidate[]): Candidate {
  return list.reduce((best, it) => (it.logit > best.logit ? it : best))
}

function logSumExpOf(list: readonly Candidate[]): number {
  const most = bestOf(list).logit
  return most + Math.log(list.reduce((sum, { logit }) => sum + Math.exp(logit - most), 0))
}
