import type { Answer } from '#chat/chat.ts'
import { SkeinError } from '#contract/errors.ts'
import type { GenerateEvent, GenerateRequest } from '#contract/chat.ts'
import type { ModelInfo } from '#contract/model.ts'
import { generate, type GenerateDeps } from '#session/generate.ts'
import { KeptAnswers } from '#session/kept-answers.ts'
import { AnswerQueue } from './answer-queue.ts'
import type { Hosting } from './hosting.ts'

export interface AnswerDeps extends Omit<GenerateDeps, 'keptAnswers'> {
  readonly hosting: Pick<Hosting, 'prepare' | 'cover'>
  /** Resolves when the peers that were online at the start are met. */
  readonly joined: Promise<unknown>
}

/**
 * Answers through the swarm: once what this PC hosts of the model is loaded, and when a place is free. Where no chain is found, what
 * this PC could host of the model is loaded first. Throws what loading throws.
 */
export function createAnswer(deps: AnswerDeps): Answer {
  const queue = new AnswerQueue()
  const keptAnswers = new KeptAnswers()
  return async function* (model, request, signal) {
    const isHostedWhole = await deps.hosting.prepare(model)
    if (!isHostedWhole) await deps.joined
    yield* queue.run(() => begin(model, request, { ...deps, keptAnswers }, signal), signal)
  }
}

async function* begin(
  model: ModelInfo,
  request: GenerateRequest,
  deps: AnswerDeps & GenerateDeps,
  signal: AbortSignal
): AsyncGenerator<GenerateEvent, void> {
  try {
    yield* generate(model, request, deps, signal)
  } catch (thrown) {
    // Thrown before the first event, always: an answer that has begun ends with one.
    if (!(thrown instanceof SkeinError) || thrown.code !== 'no-chain') throw thrown
    if (!(await deps.hosting.cover(model))) throw thrown
    yield* generate(model, request, deps, signal)
  }
}
