import type { ReachableStage, StageDirectory } from '#contract/announce.ts'
import { SkeinError, type ErrorCode } from '#contract/errors.ts'
import type { PeerKey } from '#contract/peer.ts'
import { chooseRoute } from '#swarm/routing/choose-route.ts'
import type { RouteNeed } from '#swarm/routing/route-need.ts'

/** Chains tried before the last refusal is passed on. */
const attempts = 3
/**
 * How long a place may take to be announced again after its session ended, in milliseconds: announcements are gathered for 100 ms, and
 * then have a way to go.
 */
const placeNewsMs = 1_500

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

/**
 * Chooses a chain and tries it; where a peer refuses, another one without it. Where all are full, waits once for a place that has just
 * become free to be announced. Throws `no-chain`, `prompt-too-long`, `cancelled`, or the last refusal.
 */
export async function tryRoutes<Opened>(
  directory: StageDirectory,
  need: Omit<RouteNeed, 'avoid'>,
  open: (stages: readonly ReachableStage[], onRefused: (peer: PeerKey) => void) => Promise<Opened>,
  signal: AbortSignal
): Promise<Opened> {
  const refused = new Set<PeerKey>()
  let hasWaited = false
  let last: SkeinError | undefined
  for (let attempt = 0; attempt < attempts; attempt++) {
    try {
      const stages = choose(directory, { ...need, avoid: refused }, last)
      return await open(stages, (peer) => refused.add(peer))
    } catch (thrown) {
      last = SkeinError.from(thrown)
      if (!worthAnother.has(last.code)) throw last
      if (last.code !== 'stage-full' || hasWaited) continue
      hasWaited = true
      attempt--
      await nextChange(directory, placeNewsMs, signal)
      refused.clear()
    }
  }
  throw last ?? new SkeinError('no-chain')
}

/** Once a peer refused, its refusal says more than that no chain is left without it. */
function choose(
  directory: StageDirectory,
  need: RouteNeed,
  last: SkeinError | undefined
): readonly ReachableStage[] {
  try {
    return chooseRoute(directory.stages(), need)
  } catch (thrown) {
    throw need.avoid?.size === 0 ? thrown : (last ?? thrown)
  }
}

/** Resolves when stages change, or after `millis`. Throws `cancelled` when `signal` aborts. */
async function nextChange(
  directory: StageDirectory,
  millis: number,
  signal: AbortSignal
): Promise<void> {
  const change = Promise.withResolvers<undefined>()
  const cancel = (): void => change.reject(new SkeinError('cancelled'))
  const timer = setTimeout(() => change.resolve(undefined), millis)
  const stop = directory.onChange(() => change.resolve(undefined))
  signal.addEventListener('abort', cancel)
  if (signal.aborted) cancel()
  try {
    await change.promise
  } finally {
    clearTimeout(timer)
    stop()
    signal.removeEventListener('abort', cancel)
  }
}
