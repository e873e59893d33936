import type { ReachableStage, StageDirectory } from '#contract/announce.ts'
import type { GenerateRequest, RouteStage } from '#contract/chat.ts'
import { SkeinError, type ErrorCode } from '#contract/errors.ts'
import type { ModelInfo } from '#contract/model.ts'
import type { PeerKey } from '#contract/peer.ts'
import type { StageNetwork } from '#contract/stage.ts'
import { chooseRoute } from '#swarm/routing/choose-route.ts'
import { ChainSession } from './chain-session.ts'

/** Chains tried before the last refusal is passed on. */
const attempts = 3
/** Room for an answer that a chain must have, when the request does not say how long it may be. */
const leastAnswerTokens = 64

/** Refusals after which another chain may do. */
const worthAnother: ReadonlySet<ErrorCode> = new Set([
  'stage-full',
  'stage-not-here',
  'peer-draining',
  'peer-unreachable',
  'peer-lost',
  'peer-stalled',
  'peer-banned',
  'protocol-version',
  'engine-crashed'
])

export interface OpenChainOptions {
  readonly network: StageNetwork
  readonly directory: StageDirectory
  readonly model: ModelInfo
  readonly request: Pick<GenerateRequest, 'maxTokens' | 'dtype'>
  readonly promptTokens: number
  readonly vocabularySize: number
  readonly stallMs: number
}

export interface OpenedChain {
  readonly session: ChainSession
  readonly route: readonly RouteStage[]
  /** Tokens that the session may reach, prompt and answer. */
  readonly maxTokens: number
}

/**
 * Chooses a chain and opens it; where a peer refuses, tries again without it. Throws `prompt-too-long`, `no-chain`, `stage-full`,
 * `cancelled`, or the last refusal.
 */
export async function openChain(
  options: OpenChainOptions,
  signal: AbortSignal
): Promise<OpenedChain> {
  const { model, promptTokens, request, network, directory, vocabularySize, stallMs } = options
  if (promptTokens >= model.contextLength) {
    throw new SkeinError('prompt-too-long', `${promptTokens} of ${model.contextLength} tokens`)
  }
  const wanted = Math.min(model.contextLength, promptTokens + (request.maxTokens ?? Infinity))
  const least = Math.min(wanted, promptTokens + leastAnswerTokens)
  const refused = new Set<PeerKey>()
  let last: SkeinError | undefined
  for (let attempt = 0; attempt < attempts; attempt++) {
    const chain = choose(directory.stages(), options, least, refused, last)
    const maxTokens = room(chain, wanted, least, request.maxTokens !== undefined)
    const shared = { network, chain, maxTokens, dtype: request.dtype, vocabularySize, stallMs }
    try {
      const session = await ChainSession.open(shared, signal, (peer) => refused.add(peer))
      return { session, route: chain.map(routeStage), maxTokens }
    } catch (thrown) {
      last = SkeinError.from(thrown)
      if (!worthAnother.has(last.code)) throw last
    }
  }
  throw last ?? new SkeinError('no-chain')
}

/** Once a peer refused, its refusal says more than that no chain is left without it. */
function choose(
  stages: readonly ReachableStage[],
  { model, request }: OpenChainOptions,
  tokens: number,
  avoid: ReadonlySet<PeerKey>,
  last: SkeinError | undefined
): readonly ReachableStage[] {
  try {
    return chooseRoute(stages, {
      model: model.key,
      adapter: model.adapter,
      layers: model.layers,
      tokens,
      dtype: request.dtype,
      avoid
    })
  } catch (thrown) {
    throw last ?? thrown
  }
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

function routeStage({ peer, isLocal, roundTripMillis, offer }: ReachableStage): RouteStage {
  const stage = { peer, range: offer.range, isLocal }
  return roundTripMillis === undefined ? stage : { ...stage, roundTripMillis }
}
