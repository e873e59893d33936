import type { Answer } from '#chat/chat.ts'
import { SkeinError } from '#contract/errors.ts'
import type { GenerateEvent, GenerateRequest } from '#contract/chat.ts'
import type { ModelInfo } from '#contract/model.ts'
import { generate, type GenerateDeps } from '#session/generate.ts'
import { KeptAnswers } from '#session/kept-answers.ts'
import { AnswerQueue } from './answer-queue.ts'
import type { Hosting } from './hosting.ts'
import { unlessAborted } from './unless-aborted.ts'

export interface AnswerDeps extends Omit<GenerateDeps, 'keptAnswers'> {
  readonly hosting: Pick<Hosting, 'prepare' | 'cover'>
  /** Resolves when the peers that were online at the start are met. */
  readonly joined: Promise<unknown>
}

/**
 * Answers through the swarm: once what this PC hosts of the model is loaded, and when a place is free. Where no chain is found, what
 * this PC could host of the model is loaded first; else who is online is waited for. Throws what loading throws.
 */
export function createAnswer(deps: AnswerDeps): Answer {
  const queue = new AnswerQueue()
  const keptAnswers = new KeptAnswers()
  return async function* (model, request, signal) {
    await deps.hosting.prepare(model)
    yield* queue.run(() => begin(model, request, { ...deps, keptAnswers }, signal), signal)
  }
}

async function* begin(
  model: ModelInfo,
  request: GenerateRequest,
  deps: AnswerDeps & GenerateDeps,
  signal: AbortSignal
): AsyncGenerator<GenerateEvent, void> {
  // What may bring a chain where there is none, the quickest first.
  const remedies = [() => deps.hosting.cover(model), () => unlessAborted(deps.joined, signal)]
  for (;;) {
    try {
      return yield* generate(model, request, deps, signal)
    } catch (thrown) {
      // Thrown before the first event, always: an answer that has begun ends with one.
      const isNoChain = thrown instanceof SkeinError && thrown.code === 'no-chain'
      const remedy = isNoChain ? remedies.shift() : undefined
      if (remedy === undefined) throw thrown
      await remedy()
    }
  }
}
