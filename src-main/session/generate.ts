import { randomInt } from 'node:crypto'
import type { StageDirectory } from '#contract/announce.ts'
import type { FinishReason, GenerateEvent, GenerateRequest } from '#contract/chat.ts'
import { SkeinError } from '#contract/errors.ts'
import type { ModelInfo } from '#contract/model.ts'
import { stageLimits, type Candidates, type StageNetwork } from '#contract/stage.ts'
import type { Vocabulary } from '#contract/vocabulary.ts'
import { AnswerStats } from './answer-stats.ts'
import { AnswerText } from './answer-text.ts'
import type { ChainSession, StepOutcome } from './chain-session.ts'
import { describeToken } from './logprobs.ts'
import { openChain } from './open-chain.ts'
import { promptTokens, type RenderChat } from './prompt-tokens.ts'
import { Sampler } from './sampler.ts'

/** A chain that answers nothing for this long has stalled: slow PCs need several seconds for one chunk of a prompt. */
const defaultStallMs = 120_000

export interface GenerateDeps {
  readonly network: StageNetwork
  readonly directory: StageDirectory
  readonly vocabulary: (model: ModelInfo) => Promise<Vocabulary>
  readonly renderChat: RenderChat
  readonly stallMs?: number
}

/** One answer at work. */
interface Answer {
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

/**
 * Answers a request through a chain. Throws before the first event what keeps it from beginning (`prompt-empty`, `prompt-too-long`,
 * `no-chain`, ...); from then on it ends with one `end` event. When `signal` aborts or the reader returns, the session ends on all
 * stages at once.
 */
export async function* generate(
  model: ModelInfo,
  request: GenerateRequest,
  deps: GenerateDeps,
  signal: AbortSignal
): AsyncGenerator<GenerateEvent, void> {
  const startedAt = performance.now()
  const vocabulary = await deps.vocabulary(model)
  const prompt = await promptTokens(request.prompt, vocabulary, deps.renderChat)
  const { network, directory, stallMs = defaultStallMs } = deps
  const { session, route, maxTokens } = await openChain(
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
  const stats = new AnswerStats({
    session: session.id,
    model: model.key,
    route,
    promptTokens: prompt.length,
    seed,
    startedAt
  })
  const sampler = new Sampler(request.sampling, seed)
  const text = new AnswerText(vocabulary, request.stop)
  const topK = candidatesNeeded(request, vocabulary.size)
  const answer = { request, vocabulary, session, prompt, maxTokens, stats, text, sampler, topK }
  const cancel = (): void => session.close()
  signal.addEventListener('abort', cancel)
  if (signal.aborted) cancel()
  try {
    yield { kind: 'route', route: [...route], promptTokens: prompt.length }
    const ending = yield* run(answer, signal)
    const rest = text.end()
    if (rest !== undefined) yield rest
    yield { kind: 'end', report: stats.report(), ...ending }
  } finally {
    signal.removeEventListener('abort', cancel)
    session.close()
  }
}

type Ending = Pick<Extract<GenerateEvent, { kind: 'end' }>, 'finish' | 'error'>

/** Prefill and decode; a failure on the way is an ending too, and never `stop`. */
async function* run(answer: Answer, signal: AbortSignal): AsyncGenerator<GenerateEvent, Ending> {
  try {
    const candidates = yield* prefill(answer)
    return { finish: yield* decode(answer, candidates) }
  } catch (thrown) {
    if (signal.aborted) return { finish: 'cancelled' }
    return { finish: 'interrupted', error: SkeinError.from(thrown).toValue() }
  }
}

async function* prefill({
  session,
  prompt,
  stats,
  sampler,
  topK
}: Answer): AsyncGenerator<GenerateEvent, Candidates> {
  const startedAt = performance.now()
  const chunks: StepOutcome[] = []
  for await (const chunk of session.prefill(prompt, topK)) {
    chunks.push(chunk)
    yield { kind: 'prefill', done: chunk.result.position, total: prompt.length }
  }
  stats.addPrefill(chunks, performance.now() - startedAt)
  for (const token of prompt) sampler.accept(token)
  return candidatesOf(chunks.at(-1))
}

async function* decode(
  answer: Answer,
  first: Candidates
): AsyncGenerator<GenerateEvent, FinishReason> {
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
    const outcome = await next
    stats.addDecode(outcome)
    candidates = candidatesOf(outcome)
  }
}

function candidatesOf(outcome: StepOutcome | undefined): Candidates {
  const candidates = outcome?.result.candidates[0]
  if (candidates === undefined) throw new SkeinError('internal', 'a step without candidates')
  return candidates
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
