import type { Sampling } from '#contract/chat.ts'

interface Candidate {
  readonly token: number
  readonly logit: number
}

type PenaltySettings = Pick<
  Sampling,
  'repeatPenalty' | 'presencePenalty' | 'frequencyPenalty' | 'penaltyLastTokens'
>

/** llama.cpp's repetition penalties over the last tokens of a sequence. */
export class Penalties {
  readonly isOn: boolean
  readonly #settings: PenaltySettings
  readonly #last: number[] = []
  readonly #counts = new Map<number, number>()

  constructor(settings: PenaltySettings) {
    const { repeatPenalty, presencePenalty, frequencyPenalty, penaltyLastTokens } = settings
    const changesNothing = repeatPenalty === 1 && presencePenalty === 0 && frequencyPenalty === 0
    this.isOn = penaltyLastTokens > 0 && !changesNothing
    this.#settings = settings
  }

  accept(token: number): void {
    if (!this.isOn) return
    this.#last.push(token)
    this.#counts.set(token, this.#count(token) + 1)
    if (this.#last.length <= this.#settings.penaltyLastTokens) return
    const oldest = this.#last.shift()
    if (oldest !== undefined) this.#counts.set(oldest, this.#count(oldest) - 1)
  }

  apply(candidates: readonly Candidate[]): readonly Candidate[] {
    if (!this.isOn) return candidates
    return candidates.map(({ token, logit }) => {
      const count = this.#count(token)
      return { token, logit: count === 0 ? logit : this.#penalise(logit, count) }
    })
  }

  /** A negative logit is multiplied: dividing it would make the token likelier. */
  #penalise(logit: number, count: number): number {
    const { repeatPenalty, presencePenalty, frequencyPenalty } = this.#settings
    const repeated = logit <= 0 ? logit * repeatPenalty : logit / repeatPenalty
    return Math.fround(repeated - count * frequencyPenalty - presencePenalty)
  }

  #count(token: number): number {
    return this.#counts.get(token) ?? 0
  }
}
