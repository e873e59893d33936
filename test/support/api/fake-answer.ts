import type { AnswerReport, FinishReason, GenerateEvent, GenerateRequest } from '#contract/chat.ts'
import { SkeinError, type ErrorValue } from '#contract/errors.ts'
import { modelInfoSchema, modelKeySchema, type ModelInfo } from '#contract/model.ts'
import { peerKeySchema, sessionIdSchema } from '#contract/peer.ts'
import type { Answer } from '#chat/chat.ts'

export const fakeModel: ModelInfo = modelInfoSchema.parse({
  key: 'ab'.repeat(32),
  name: 'Skein Tiny',
  architecture: 'llama',
  layers: 6,
  width: 64,
  vocabularySize: 100,
  contextLength: 512,
  bytes: 1000,
  parameters: 500,
  quantisation: 'Q8_0',
  boundaries: [0, 1, 2, 3, 4, 5]
})

const peer = peerKeySchema.parse('cd'.repeat(32))
const route = [{ peer, range: { first: 0, end: 6 }, isLocal: true }]

function report(answerTokens: number): AnswerReport {
  const split = { computeMillis: [1], waitMillis: [0], wireMillis: 0 }
  return {
    session: sessionIdSchema.parse('ef'.repeat(16)),
    model: modelKeySchema.parse(fakeModel.key),
    route,
    heals: [],
    promptTokens: 7,
    answerTokens,
    prefillTokensPerSecond: 100,
    decodeTokensPerSecond: 50,
    firstTokenMillis: 12,
    bytesPerTokenPerHop: [],
    prefillTime: split,
    decodeTime: split,
    seed: 42
  }
}

/** How a scripted answer ends after its words. */
export type FakeEnd =
  | { readonly finish: FinishReason; readonly error?: ErrorValue }
  | { readonly throws: SkeinError }
  /** Waits for more that never comes, until the request is cancelled. */
  | 'hangs'

export interface FakeAnswer {
  readonly answer: Answer
  /** What was asked, in order. */
  readonly requests: GenerateRequest[]
  /** Resolves when an answer is cancelled: by its signal, or by a reader that left. */
  readonly cancelled: Promise<void>
}

/** Answers every request with the same words, one event each; stands in for the whole swarm. */
export function fakeAnswer(
  words: readonly string[],
  end: FakeEnd = { finish: 'stop' }
): FakeAnswer {
  const requests: GenerateRequest[] = []
  const cancelled = Promise.withResolvers<undefined>()
  async function* answer(
    _model: ModelInfo,
    request: GenerateRequest,
    signal: AbortSignal
  ): AsyncGenerator<GenerateEvent, void> {
    requests.push(request)
    signal.addEventListener('abort', () => cancelled.resolve(undefined))
    yield { kind: 'route', route, promptTokens: 7 }
    yield { kind: 'prefill', done: 7, total: 7 }
    for (const [index, text] of words.entries()) {
      const token = { token: index, text, bytes: [...Buffer.from(text)], logprob: -0.5 }
      const top = Array.from({ length: request.topLogprobs ?? 0 }, () => token)
      yield { kind: 'text', text, tokens: [{ ...token, top }] }
    }
    if (end === 'hangs') {
      await cancelled.promise
      throw new SkeinError('cancelled')
    }
    if ('throws' in end) throw end.throws
    yield { kind: 'end', report: report(words.length), ...end }
  }
  return { answer, requests, cancelled: cancelled.promise }
}

/** Refuses every request before it begins. */
export function refusing(error: SkeinError): Answer {
  // eslint-disable-next-line @typescript-eslint/require-await, require-yield
  return async function* () {
    throw error
  }
}
