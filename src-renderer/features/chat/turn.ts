import type { AnswerReport, ChatMessage, FinishReason, GenerateEvent } from '#contract/chat.ts'
import type { ErrorValue } from '#contract/errors.ts'
import type { LayerRange } from '#contract/model.ts'
import type { SessionId } from '#contract/peer.ts'

/** A question and what became of it. */
export interface Turn {
  readonly id: number
  readonly question: string
  readonly answer: string
  /** Prompt tokens read so far, while nothing is written yet. */
  readonly prefill?: { readonly done: number; readonly total: number }
  readonly finish?: FinishReason
  readonly report?: AnswerReport
  readonly error?: ErrorValue
  /** What keeps the answer: a stage that is being replaced, or layers that nobody serves. */
  readonly repair?: { readonly kind: 'healing' | 'waiting'; readonly range: LayerRange }
  /** The interrupted answer can be resumed with this. */
  readonly resume?: SessionId
  /** What it was resumed with, while it runs again. */
  readonly resumes?: SessionId
  readonly isRunning: boolean
}

export function beginTurn(id: number, question: string): Turn {
  return { id, question, answer: '', isRunning: true }
}

/** The turn once its answer goes on. */
export function resumeTurn({ id, question, answer, resume }: Turn): Turn {
  const resumes = resume === undefined ? {} : { resumes: resume }
  return { id, question, answer, ...resumes, isRunning: true }
}

/** The turn after one more event of its answer. */
export function advanceTurn(turn: Turn, event: GenerateEvent): Turn {
  switch (event.kind) {
    case 'route':
      return turn
    case 'prefill':
      return { ...turn, prefill: { done: event.done, total: event.total } }
    case 'text':
      return { ...withoutRepair(turn), answer: turn.answer + event.text }
    case 'healing':
    case 'waiting':
      return { ...turn, repair: { kind: event.kind, range: event.range } }
    case 'healed':
      return withoutRepair(turn)
    case 'end': {
      const { finish, report, error, resume } = event
      return {
        ...withoutRepair(turn),
        isRunning: false,
        finish,
        report,
        ...(error === undefined ? {} : { error }),
        ...(resume === undefined ? {} : { resume })
      }
    }
  }
}

function withoutRepair({ repair: _, ...turn }: Turn): Turn {
  return turn
}

/** What the person stopped is no error; everything else is. `resumes`: what the turn was to be resumed with. */
export function failTurn(turn: Turn, error: ErrorValue, resumes?: SessionId): Turn {
  if (error.code === 'cancelled') return { ...turn, isRunning: false, finish: 'cancelled' }
  // Nobody serves the layers yet: the answer is kept on.
  const isKept = resumes !== undefined && error.code !== 'resume-unknown'
  return { ...turn, isRunning: false, error, ...(isKept ? { resume: resumes } : {}) }
}

/** The conversation as the model is to see it: without turns that never got an answer. */
export function toMessages(turns: readonly Turn[], question: string): ChatMessage[] {
  const before = turns
    .filter((turn) => turn.answer !== '')
    .flatMap((turn): ChatMessage[] => [
      { role: 'user', content: turn.question },
      { role: 'assistant', content: turn.answer }
    ])
  return [...before, { role: 'user', content: question }]
}
