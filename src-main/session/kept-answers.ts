import { SkeinError } from '#contract/errors.ts'
import type { SessionId } from '#contract/peer.ts'
import type { AnswerAtWork } from './answer-at-work.ts'

/** Answers kept at once: the oldest goes first. Each holds its tokens, a few hundred kilobytes at most. */
const mostKept = 16

/** Answers that could not be finished and may be resumed, for as long as this node runs. */
export class KeptAnswers {
  readonly #answers = new Map<SessionId, AnswerAtWork>()

  keep(answer: AnswerAtWork): void {
    this.#answers.set(answer.session.id, answer)
    const [oldest] = this.#answers
    if (this.#answers.size > mostKept && oldest !== undefined) {
      const [id, { session }] = oldest
      this.#answers.delete(id)
      session.close()
    }
  }

  /** Hands an answer over; it is kept no longer. Throws `resume-unknown`. */
  take(id: SessionId): AnswerAtWork {
    const answer = this.#answers.get(id)
    if (answer === undefined) throw new SkeinError('resume-unknown')
    this.#answers.delete(id)
    return answer
  }
}
