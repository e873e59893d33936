import type { ReachableStage } from '#contract/announce.ts'
import { SkeinError } from '#contract/errors.ts'
import type { ModelKey } from '#contract/model.ts'
import type { PeerKey } from '#contract/peer.ts'
import { stageLimits, type WireDtype } from '#contract/stage.ts'

/** What a chain is needed for. */
export interface ChainNeed {
  readonly model: ModelKey
  /** The adapter that each stage must have on the model; none when absent. */
  readonly adapter?: ModelKey | undefined
  readonly layers: number
  /** KV cells that each stage must have free. */
  readonly tokens: number
  readonly dtype: WireDtype
  /** Peers that failed just now. */
  readonly avoid?: ReadonlySet<PeerKey>
}

/** Stands for figures that nobody measured yet, in microseconds: worse than most, so that measured peers come first. */
const unmeasured = { perLayer: 5_000, roundTrip: 200_000 } as const

interface Path {
  readonly stages: readonly ReachableStage[]
  /** Expected microseconds per token. */
  readonly cost: number
}

/**
 * The chain that covers all layers with the fewest stages, and of those the one with the lowest expected time per token.
 * Throws `no-chain` when some layers are hosted by nobody, `prompt-too-long` when no chain could ever hold as many tokens,
 * `stage-full` when one could, but not now.
 */
export function chooseChain(
  stages: readonly ReachableStage[],
  need: ChainNeed
): readonly ReachableStage[] {
  const usable = stages.filter((stage) => isUsable(stage, need))
  const hasRoom = ({ offer }: ReachableStage): boolean =>
    offer.freeSlots > 0 && offer.freeTokens >= need.tokens
  const chain = shortestPath(usable.filter(hasRoom), need.layers)
  if (chain !== undefined) return chain
  const large = usable.filter(({ offer }) => offer.contextTokens >= need.tokens)
  if (shortestPath(large, need.layers) !== undefined) throw new SkeinError('stage-full')
  if (shortestPath(usable, need.layers) !== undefined) {
    throw new SkeinError('prompt-too-long', `${need.tokens} tokens`)
  }
  throw new SkeinError('no-chain')
}

function isUsable({ peer, offer }: ReachableStage, need: ChainNeed): boolean {
  return (
    offer.model === need.model &&
    offer.adapter === need.adapter &&
    offer.layers === need.layers &&
    offer.range.end <= need.layers &&
    offer.dtypes.includes(need.dtype) &&
    need.avoid?.has(peer) !== true
  )
}

/** Goes through the layers from 0 up; at each place where stages begin, the best path to it is known already. */
function shortestPath(
  stages: readonly ReachableStage[],
  layers: number
): readonly ReachableStage[] | undefined {
  const best = new Map<number, Path>([[0, { stages: [], cost: 0 }]])
  const byFirst = stages.toSorted((a, b) => a.offer.range.first - b.offer.range.first)
  for (const stage of byFirst) {
    const { first, end } = stage.offer.range
    const before = best.get(first)
    if (before === undefined || before.stages.length >= stageLimits.maxStages) continue
    const path = { stages: [...before.stages, stage], cost: before.cost + costOf(stage) }
    if (isBetter(path, best.get(end))) best.set(end, path)
  }
  return best.get(layers)?.stages
}

function isBetter(path: Path, known: Path | undefined): boolean {
  if (known === undefined) return true
  if (path.stages.length !== known.stages.length) return path.stages.length < known.stages.length
  return path.cost < known.cost
}

/** Microseconds per token: computing, and the way there and on. */
function costOf({ isLocal, offer, roundTripMillis }: ReachableStage): number {
  const layers = offer.range.end - offer.range.first
  const compute = (offer.microsPerLayer ?? unmeasured.perLayer) * layers
  if (isLocal) return compute
  return compute + (roundTripMillis === undefined ? unmeasured.roundTrip : roundTripMillis * 1000)
}
