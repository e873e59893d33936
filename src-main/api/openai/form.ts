import type { FinishReason, GeneratedToken } from '#contract/chat.ts'
import { chatLogprobs, completionLogprobs } from './logprobs.ts'

/** A piece of an answer: its text, its tokens, and the characters before it. */
interface Piece {
  readonly text: string
  readonly tokens: readonly GeneratedToken[]
  readonly offset: number
}

/** How one of OpenAI's two ways of asking dresses an answer. */
export interface AnswerForm {
  readonly idPrefix: string
  readonly wholeObject: string
  readonly chunkObject: string
  /** What opens a stream before any text, if anything does. */
  readonly opening: object | undefined
  whole(piece: Piece, withLogprobs: boolean, finish: FinishReason): object
  chunk(piece: Piece, withLogprobs: boolean): object
  last(finish: FinishReason): object
}

export const chatForm: AnswerForm = {
  idPrefix: 'chatcmpl-',
  wholeObject: 'chat.completion',
  chunkObject: 'chat.completion.chunk',
  opening: {
    index: 0,
    delta: { role: 'assistant', content: '' },
    logprobs: null,
    finish_reason: null
  },
  whole: ({ text, tokens }, withLogprobs, finish) => ({
    index: 0,
    message: { role: 'assistant', content: text, refusal: null },
    logprobs: withLogprobs ? chatLogprobs(tokens) : null,
    finish_reason: finish
  }),
  chunk: ({ text, tokens }, withLogprobs) => ({
    index: 0,
    delta: { content: text },
    logprobs: withLogprobs ? chatLogprobs(tokens) : null,
    finish_reason: null
  }),
  last: (finish) => ({ index: 0, delta: {}, logprobs: null, finish_reason: finish })
}

export const completionForm: AnswerForm = {
  idPrefix: 'cmpl-',
  wholeObject: 'text_completion',
  chunkObject: 'text_completion',
  opening: undefined,
  whole: ({ text, tokens, offset }, withLogprobs, finish) => ({
    index: 0,
    text,
    logprobs: withLogprobs ? completionLogprobs(tokens, offset) : null,
    finish_reason: finish
  }),
  chunk: ({ text, tokens, offset }, withLogprobs) => ({
    index: 0,
    text,
    logprobs: withLogprobs ? completionLogprobs(tokens, offset) : null,
    finish_reason: null
  }),
  last: (finish) => ({ index: 0, text: '', logprobs: null, finish_reason: finish })
}
