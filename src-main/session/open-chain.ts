import type { ReachableStage, StageDirectory } from '#contract/announce.ts'
import type { GenerateRequest } from '#contract/chat.ts'
import { SkeinError } from '#contract/errors.ts'
import type { ModelInfo } from '#contract/model.ts'
import type { StageNetwork } from '#contract/stage.ts'
import { ChainSession } from './chain-session.ts'
import { tryRoutes } from './try-routes.ts'

/** Room for an answer that a chain must have, when the request does not say how long it may be. */
const leastAnswerTokens = 64

export interface OpenChainOptions {
  readonly network: StageNetwork
  readonly directory: StageDirectory
  readonly model: ModelInfo
  readonly request: Pick<GenerateRequest, 'maxTokens' | 'dtype' | 'replay' | 'waitMillis'>
  readonly promptTokens: number
  readonly vocabularySize: number
  readonly stallMs: number
}

export interface OpenedChain {
  readonly session: ChainSession
  /** Tokens that the session may reach, prompt and answer. */
  readonly maxTokens: number
}

/** Chooses a chain and opens it. Throws `prompt-too-long`, `no-chain`, `stage-full`, `cancelled`, or the last refusal. */
export async function openChain(
  options: OpenChainOptions,
  signal: AbortSignal
): Promise<OpenedChain> {
  const { model, promptTokens, request, directory, ...shared } = options
  if (promptTokens >= model.contextLength) {
    throw new SkeinError('prompt-too-long', `${promptTokens} of ${model.contextLength} tokens`)
  }
  const wanted = Math.min(model.contextLength, promptTokens + (request.maxTokens ?? Infinity))
  const least = Math.min(wanted, promptTokens + leastAnswerTokens)
  const { key, adapter, layers } = model
  const need = { model: key, adapter, layers, tokens: least, dtype: request.dtype }
  return tryRoutes(
    directory,
    need,
    async (stages, onRefused) => {
      const maxTokens = room(stages, wanted, least, request.maxTokens !== undefined)
      const session = await ChainSession.open(
        {
          network: shared.network,
          directory,
          need: { ...need, tokens: maxTokens },
          vocabularySize: shared.vocabularySize,
          stallMs: shared.stallMs,
          waitMs: request.waitMillis,
          replay: request.replay
        },
        stages,
        signal,
        onRefused
      )
      return { session, maxTokens }
    },
    signal
  )
}

/**
 * KV cells to reserve: as many as asked for and free; where the request leaves it open, this session's fair share of what each stage
 * has left, so that one long answer does not shut out all others.
 */
function room(
  chain: readonly ReachableStage[],
  wanted: number,
  least: number,
  isAsked: boolean
): number {
  const shares = chain.map(({ offer: { freeTokens, freeSlots } }) =>
    isAsked ? freeTokens : Math.floor(freeTokens / Math.max(1, freeSlots))
  )
  return Math.max(least, Math.min(wanted, ...shares))
}
