import type { FinishReason, GenerateEvent, GenerateRequest } from '#contract/chat.ts'
import { SkeinError } from '#contract/errors.ts'
import type { Candidates } from '#contract/stage.ts'
import type { Vocabulary } from '#contract/vocabulary.ts'
import type { AnswerStats } from './answer-stats.ts'
import type { AnswerText } from './answer-text.ts'
import type { ChainNews, StepOutcome } from './chain-news.ts'
import type { ChainSession } from './chain-session.ts'
import { describeToken } from './logprobs.ts'
import { prefillChunks } from './prefill.ts'
import { routeOf } from './route.ts'
import type { Sampler } from './sampler.ts'

export interface AnswerParts {
  readonly request: GenerateRequest
  readonly vocabulary: Vocabulary
  readonly session: ChainSession
  readonly prompt: Int32Array
  /** Tokens that the session may reach. */
  readonly maxTokens: number
  readonly stats: AnswerStats
  readonly text: AnswerText
  readonly sampler: Sampler
  /** Candidates asked for with each token. */
  readonly topK: number
}

/** What an answer says on its way: the events that a reader sees, and that its session rests. */
type AnswerEvent =
  | Exclude<GenerateEvent, { kind: 'end' | 'route' }>
  | { readonly kind: 'rests'; readonly error: SkeinError }

/**
 * One answer at work. `events` stands still when its session rests, and goes on where it stood once the session is revived: so an
 * answer that is resumed is the same one, with its sampler, its text and the steps that were on their way.
 */
export interface AnswerAtWork extends AnswerParts {
  readonly events: AsyncGenerator<AnswerEvent, FinishReason>
}

export function startAnswer(parts: AnswerParts): AnswerAtWork {
  return { ...parts, events: run(parts) }
}

async function* run(answer: AnswerParts): AsyncGenerator<AnswerEvent, FinishReason> {
  const candidates = yield* prefill(answer)
  return yield* decode(answer, candidates)
}

async function* prefill(answer: AnswerParts): AsyncGenerator<AnswerEvent, Candidates> {
  const { session, prompt, stats, sampler, topK } = answer
  const startedAt = performance.now()
  const outcomes: StepOutcome[] = []
  const chunks = prefillChunks(session, prompt, topK)
  for (;;) {
    const chunk = yield* withNews(answer, chunks.next())
    if (chunk.done === true) break
    outcomes.push(chunk.value)
    stats.endPause(chunk.value)
    yield { kind: 'prefill', done: chunk.value.result.position, total: prompt.length }
  }
  stats.addPrefill(outcomes, performance.now() - startedAt)
  for (const token of prompt) sampler.accept(token)
  return candidatesOf(outcomes.at(-1))
}

async function* decode(
  answer: AnswerParts,
  first: Candidates
): AsyncGenerator<AnswerEvent, FinishReason> {
  const { request, vocabulary, session, maxTokens, stats, text, sampler, topK } = answer
  for (let candidates = first; ;) {
    const token = sampler.pick(candidates)
    if (vocabulary.isEndOfGeneration(token)) return 'stop'
    sampler.accept(token)
    stats.addToken(performance.now())
    const shown = text.push(describeToken(token, candidates, request.topLogprobs ?? 0, vocabulary))
    const isFull = stats.answerTokens === request.maxTokens || session.position + 1 > maxTokens
    // The chain works on the next token while this one is shown.
    const next = text.isStopped || isFull ? undefined : session.step(Int32Array.of(token), 1, topK)
    if (shown !== undefined) yield shown
    if (next === undefined) return text.isStopped ? 'stop' : 'length'
    const outcome = yield* withNews(answer, next)
    stats.addDecode(outcome)
    candidates = candidatesOf(outcome)
  }
}

/** Waits for a step, and tells what happens to the chain meanwhile. */
async function* withNews<Value>(
  answer: AnswerParts,
  step: Promise<Value>
): AsyncGenerator<AnswerEvent, Value> {
  const news = answer.session.news.until(step)
  for (;;) {
    const next = await news.next()
    if (next.done === true) return next.value
    yield eventOf(next.value, answer)
  }
}

function eventOf(news: ChainNews, { session, stats, request }: AnswerParts): AnswerEvent {
  switch (news.kind) {
    case 'healing':
      return { kind: 'healing', range: news.run.range, why: news.run.error.code }
    case 'waiting':
      return {
        kind: 'waiting',
        range: news.range,
        why: news.error.code,
        forMillis: request.waitMillis
      }
    case 'healed': {
      const route = routeOf(session.stages)
      stats.addHeal(news.healed, news.replayedTokens, route)
      return { kind: 'healed', route }
    }
    case 'gave-up':
      return { kind: 'rests', error: news.error }
  }
}

function candidatesOf(outcome: StepOutcome | undefined): Candidates {
  const candidates = outcome?.result.candidates[0]
  if (candidates === undefined) throw new SkeinError('internal', 'a step without candidates')
  return candidates
}
