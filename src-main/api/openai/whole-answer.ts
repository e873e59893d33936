import type { GeneratedToken } from '#contract/chat.ts'
import { SkeinError } from '#contract/errors.ts'
import { errorBody, errorResponse } from '../error-response.ts'
import type { BegunAnswer } from './answer.ts'
import { usageOf, type Envelope } from './envelope.ts'
import type { AnswerForm } from './form.ts'

/** One JSON document when the answer is there. An interrupted answer is an error that carries the text so far. */
export async function wholeAnswer(
  answer: BegunAnswer,
  form: AnswerForm,
  envelope: Envelope,
  withLogprobs: boolean
): Promise<Response> {
  const tokens: GeneratedToken[] = []
  let text = ''
  for await (const part of answer.parts) {
    if (part.kind === 'text') {
      text += part.text
      tokens.push(...part.tokens)
      continue
    }
    const usage = usageOf(answer.promptTokens, part.report)
    if (part.finish === 'interrupted') {
      const error = part.error ? SkeinError.fromValue(part.error) : undefined
      return interrupted(new SkeinError('answer-interrupted', error?.message), { text, usage })
    }
    return Response.json({
      ...envelope,
      object: form.wholeObject,
      choices: [form.whole({ text, tokens, offset: 0 }, withLogprobs, part.finish)],
      usage,
      skein: part.report
    })
  }
  return errorResponse(new SkeinError('internal', 'the answer has no end'))
}

function interrupted(error: SkeinError, partial: object): Response {
  const { status, headers } = errorResponse(error)
  const body = { error: { ...errorBody(error).error, finish_reason: 'interrupted', partial } }
  return Response.json(body, {
    status,
    headers: { 'x-should-retry': headers.get('x-should-retry') ?? '' }
  })
}
