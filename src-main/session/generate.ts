import { randomInt } from 'node:crypto'
import type { StageDirectory } from '#contract/announce.ts'
import type { GenerateEvent, GenerateRequest } from '#contract/chat.ts'
import { SkeinError } from '#contract/errors.ts'
import type { ModelInfo } from '#contract/model.ts'
import type { SessionId } from '#contract/peer.ts'
import { stageLimits, type StageNetwork } from '#contract/stage.ts'
import type { Vocabulary } from '#contract/vocabulary.ts'
import { startAnswer, type AnswerAtWork } from './answer-at-work.ts'
import { AnswerStats } from './answer-stats.ts'
import { AnswerText } from './answer-text.ts'
import type { KeptAnswers } from './kept-answers.ts'
import { openChain } from './open-chain.ts'
import { promptTokens, type Question, type RenderChat } from './prompt-tokens.ts'
import { routeOf } from './route.ts'
import { Sampler } from './sampler.ts'

/** A chain that answers nothing for this long has stalled: slow PCs need several seconds for one chunk of a prompt. */
const defaultStallMs = 120_000

export interface GenerateDeps {
  readonly network: StageNetwork
  readonly directory: StageDirectory
  readonly vocabulary: (model: ModelInfo) => Promise<Vocabulary>
  readonly renderChat: RenderChat
  /** Where answers that could not be finished wait to be resumed. */
  readonly keptAnswers: KeptAnswers
  readonly stallMs?: number
}

/**
 * Answers a request through a chain, or goes on with an answer that was interrupted. Throws before the first event what keeps it from
 * beginning (`prompt-empty`, `prompt-too-long`, `no-chain`, `resume-unknown`, ...); from then on it ends with one `end` event. When
 * `signal` aborts or the reader returns, the session ends on all stages at once.
 */
export async function* generate(
  model: ModelInfo,
  request: GenerateRequest,
  deps: GenerateDeps,
  signal: AbortSignal
): AsyncGenerator<GenerateEvent, void> {
  const { prompt } = request
  const answer =
    prompt.kind === 'resume'
      ? await resume(prompt.answer, deps, signal)
      : await begin(model, request, prompt, deps, signal)
  const cancel = (): void => answer.session.close()
  signal.addEventListener('abort', cancel)
  if (signal.aborted) cancel()
  let isKept = false
  try {
    const route = routeOf(answer.session.stages)
    yield { kind: 'route', route, promptTokens: answer.prompt.length }
    const end = yield* follow(answer, signal)
    isKept = end.resume !== undefined
    if (isKept) deps.keptAnswers.keep(answer)
    yield end
  } finally {
    signal.removeEventListener('abort', cancel)
    if (!isKept) answer.session.close()
  }
}

type End = Extract<GenerateEvent, { kind: 'end' }>

/** Hands on what the answer says, up to its end or its rest; a failure on the way is an ending too, and never `stop`. */
async function* follow(
  { events, stats, text, session }: AnswerAtWork,
  signal: AbortSignal
): AsyncGenerator<GenerateEvent, End> {
  let ending: Pick<End, 'finish' | 'error'>
  try {
    for (;;) {
      const next = await events.next()
      if (next.done === true) {
        ending = { finish: next.value }
        break
      }
      const event = next.value
      if (event.kind === 'rests') {
        const error = event.error.toValue()
        const report = stats.report()
        return { kind: 'end', finish: 'interrupted', error, report, resume: session.id }
      }
      yield event
    }
  } catch (thrown) {
    ending = signal.aborted
      ? { finish: 'cancelled' }
      : { finish: 'interrupted', error: SkeinError.from(thrown).toValue() }
  }
  const rest = text.end()
  if (rest !== undefined) yield rest
  return { kind: 'end', report: stats.report(), ...ending }
}

async function begin(
  model: ModelInfo,
  request: GenerateRequest,
  question: Question,
  deps: GenerateDeps,
  signal: AbortSignal
): Promise<AnswerAtWork> {
  const startedAt = performance.now()
  const vocabulary = await deps.vocabulary(model)
  const prompt = await promptTokens(question, vocabulary, deps.renderChat)
  const { network, directory, stallMs = defaultStallMs } = deps
  const { session, maxTokens } = await openChain(
    {
      network,
      directory,
      model,
      request,
      stallMs,
      promptTokens: prompt.length,
      vocabularySize: vocabulary.size
    },
    signal
  )
  const seed = request.sampling.seed ?? randomInt(2 ** 32)
  return startAnswer({
    request,
    vocabulary,
    session,
    prompt,
    maxTokens,
    stats: new AnswerStats({
      session: session.id,
      model,
      route: routeOf(session.stages),
      promptTokens: prompt.length,
      seed,
      startedAt
    }),
    text: new AnswerText(vocabulary, request.stop),
    sampler: new Sampler(request.sampling, seed),
    topK: candidatesNeeded(request, vocabulary.size)
  })
}

/** Throws `resume-unknown`, or why no chain could be opened; the answer can be resumed later then. */
async function resume(
  id: SessionId,
  { keptAnswers }: GenerateDeps,
  signal: AbortSignal
): Promise<AnswerAtWork> {
  const answer = keptAnswers.take(id)
  try {
    const stages = await answer.session.resume(signal)
    answer.stats.resumed(routeOf(stages))
    return answer
  } catch (thrown) {
    keptAnswers.keep(answer)
    throw thrown
  }
}

/** As few as the sampler can do with: they travel with each token. Penalties may bring up any that lies behind. */
function candidatesNeeded(
  { sampling, topLogprobs }: GenerateRequest,
  vocabularySize: number
): number {
  const { temperature, topK, repeatPenalty, presencePenalty, frequencyPenalty } = sampling
  const hasPenalties = repeatPenalty !== 1 || presencePenalty !== 0 || frequencyPenalty !== 0
  const needed = hasPenalties ? 0 : temperature === 0 ? 1 : topK
  const most = Math.min(stageLimits.maxCandidates, vocabularySize)
  return needed === 0 ? most : Math.min(most, Math.max(needed, topLogprobs ?? 0))
}
