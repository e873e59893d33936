import { randomBytes } from 'node:crypto'
import type { AnswerReport } from '#contract/chat.ts'

/** What all chunks of one answer have in common. */
export interface Envelope {
  readonly id: string
  /** Seconds since 1970. */
  readonly created: number
  readonly model: string
}

export function createEnvelope(idPrefix: string, model: string): Envelope {
  return {
    id: idPrefix + randomBytes(12).toString('hex'),
    created: Math.floor(Date.now() / 1000),
    model
  }
}

/** Tokens as OpenAI counts them. `report` is absent when an answer was cut off before it could be counted. */
export function usageOf(promptTokens: number, report: AnswerReport | undefined) {
  const answerTokens = report?.answerTokens ?? 0
  return {
    prompt_tokens: promptTokens,
    completion_tokens: answerTokens,
    total_tokens: promptTokens + answerTokens
  }
}
