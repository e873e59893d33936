import { SkeinError } from '#contract/errors.ts'
import { errorBody } from '../error-response.ts'
import type { AnswerPart, BegunAnswer } from './answer.ts'
import { usageOf, type Envelope } from './envelope.ts'
import type { AnswerForm } from './form.ts'

export interface StreamOptions {
  readonly withLogprobs: boolean
  readonly includeUsage: boolean
}

/** Server-sent events, written only as fast as the client reads; a client that leaves ends the work. */
export function streamedAnswer(
  answer: BegunAnswer,
  form: AnswerForm,
  envelope: Envelope,
  options: StreamOptions
): Response {
  const lines = eventLines(answer, form, envelope, options)
  const encoder = new TextEncoder()
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await lines.next()
        if (next.done === true) controller.close()
        else controller.enqueue(encoder.encode(next.value))
      },
      async cancel() {
        await Promise.all([answer.cancel(), lines.return()])
      }
    },
    { highWaterMark: 0 }
  )
  return new Response(body, {
    headers: {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-cache, no-transform'
    }
  })
}

async function* eventLines(
  answer: BegunAnswer,
  form: AnswerForm,
  envelope: Envelope,
  { withLogprobs, includeUsage }: StreamOptions
): AsyncGenerator<string, void> {
  const chunk = (choices: readonly object[], rest: object = {}): string =>
    line({
      ...envelope,
      object: form.chunkObject,
      choices,
      // Present in every chunk when asked for, and null in all but the last: so does OpenAI.
      ...(includeUsage ? { usage: null } : {}),
      ...rest
    })
  let offset = 0
  if (form.opening !== undefined) yield chunk([form.opening])
  for await (const part of answer.parts) {
    if (part.kind === 'text') {
      if (part.text === '' && !withLogprobs) continue
      yield chunk([form.chunk({ ...part, offset }, withLogprobs)])
      offset += part.text.length
      continue
    }
    yield chunk([form.last(part.finish)], { skein: part.report })
    if (includeUsage) yield chunk([], { usage: usageOf(answer.promptTokens, part.report) })
    if (part.finish === 'interrupted') yield line(interruption(part))
  }
  yield 'data: [DONE]\n\n'
}

/** OpenAI's clients throw at a chunk with an `error`: nobody takes half an answer for a whole one. */
function interruption(end: AnswerPart & { kind: 'end' }): object {
  const cause = end.error ? SkeinError.fromValue(end.error).message : undefined
  return errorBody(new SkeinError('answer-interrupted', cause))
}

function line(value: object): string {
  return `data: ${JSON.stringify(value)}\n\n`
}
