import type {
  AnswerReport,
  FinishReason,
  GeneratedToken,
  GenerateEvent,
  RouteStage
} from '#contract/chat.ts'
import { SkeinError, type ErrorValue } from '#contract/errors.ts'

/** Text as it comes, or the end of it. */
export type AnswerPart =
  | { readonly kind: 'text'; readonly text: string; readonly tokens: readonly GeneratedToken[] }
  | {
      readonly kind: 'end'
      readonly finish: FinishReason
      readonly error?: ErrorValue | undefined
      readonly report?: AnswerReport
    }

/** An answer whose work has begun: from here on, what goes wrong interrupts it. */
export interface BegunAnswer {
  readonly promptTokens: number
  readonly route: readonly RouteStage[]
  readonly parts: AsyncIterable<AnswerPart>
  /** Ends the work behind it, whether `parts` was ever read or not. */
  cancel(): Promise<void>
}

/**
 * Waits until the request is known to be servable: its prompt fits and a chain is there. Throws what speaks against
 * it. After that, `parts` never throws: it ends with one `end`, whatever happens.
 */
export async function begin(events: AsyncIterable<GenerateEvent>): Promise<BegunAnswer> {
  const iterator = events[Symbol.asyncIterator]()
  for (;;) {
    const next = await iterator.next()
    if (next.done === true) throw new SkeinError('internal', 'the answer ended before it began')
    const event = next.value
    if (event.kind === 'prefill') continue
    if (event.kind !== 'route') {
      await iterator.return?.()
      throw new SkeinError('internal', `the answer began with ${event.kind}`)
    }
    const { promptTokens, route } = event
    return {
      promptTokens,
      route,
      parts: readParts(iterator),
      async cancel() {
        await iterator.return?.()
      }
    }
  }
}

async function* readParts(events: AsyncIterator<GenerateEvent>): AsyncGenerator<AnswerPart, void> {
  try {
    for (;;) {
      const next = await events.next()
      if (next.done === true) throw new SkeinError('answer-interrupted')
      const event = next.value
      if (event.kind === 'text') yield event
      if (event.kind === 'end') {
        yield event
        return
      }
    }
  } catch (thrown) {
    yield {
      kind: 'end',
      finish: 'interrupted',
      error: SkeinError.from(thrown, 'answer-interrupted').toValue()
    }
  } finally {
    await events.return?.()
  }
}
