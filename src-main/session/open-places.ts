import { randomBytes } from 'node:crypto'
import type { ReachableStage } from '#contract/announce.ts'
import { SkeinError } from '#contract/errors.ts'
import { sessionIdSchema, type PeerKey } from '#contract/peer.ts'
import type {
  OpenedSession,
  SessionEvents,
  StageNetwork,
  StagePlace,
  WireDtype
} from '#contract/stage.ts'
import { Place } from './place.ts'

export interface OpenPlacesOptions {
  readonly network: StageNetwork
  /** Neighbours of each other, in order. */
  readonly stages: readonly ReachableStage[]
  /** Who sends to the first of them. */
  readonly upstream: PeerKey
  /** Where the last of them sends; `null` when it is the tail. */
  readonly downstream: StagePlace | null
  /** KV cells to reserve on each. */
  readonly maxTokens: number
  readonly dtype: WireDtype
  /** What the last of them need not hand on, because those behind it have it. */
  readonly quietUntil: number
  /** Rows that a step of the session may have already. */
  readonly leastRows: number
  readonly eventsOf: (place: Place, isTail: boolean) => SessionEvents
  /** Whose refusal it was. */
  readonly onRefused: (peer: PeerKey) => void
}

export interface OpenedPlaces {
  readonly places: readonly Place[]
  /** Rows per step that suit all of them. */
  readonly rows: number
}

/**
 * Opens places on all stages at the same time. Throws the first refusal (`stage-full`, `peer-unreachable`, ...) or `cancelled`, with
 * nothing left open.
 */
export async function openPlaces(
  options: OpenPlacesOptions,
  signal: AbortSignal
): Promise<OpenedPlaces> {
  const made: Place[] = []
  const cancelled = Promise.withResolvers<never>()
  const cancel = (): void => cancelled.reject(new SkeinError('cancelled'))
  signal.addEventListener('abort', cancel)
  if (signal.aborted) cancel()
  let isGivenUp = false
  /** What fails because it was given up is nobody's fault. */
  const onRefused = (peer: PeerKey): void => {
    if (!isGivenUp) options.onRefused(peer)
  }
  const keep = (place: Place): void => {
    if (isGivenUp) throw new SkeinError('cancelled')
    made.push(place)
  }
  try {
    // A peer that is slow to connect does not hold up whoever goes away.
    return await Promise.race([cancelled.promise, openAll({ ...options, onRefused }, keep)])
  } catch (thrown) {
    isGivenUp = true
    for (const place of made) place.close()
    throw thrown
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}

async function openAll(
  options: OpenPlacesOptions,
  keep: (place: Place) => void
): Promise<OpenedPlaces> {
  const { stages, leastRows } = options
  const named = stages.map((stage) => ({
    stage,
    id: sessionIdSchema.parse(randomBytes(16).toString('hex'))
  }))
  const opening = named.map(async ({ stage, id }, index) => {
    try {
      const place = new Place(id, stage, await options.network.link(stage.peer))
      keep(place)
      const next = named[index + 1]
      const downstream =
        next === undefined ? options.downstream : { peer: next.stage.peer, session: next.id }
      const upstream = named[index - 1]?.stage.peer ?? options.upstream
      const opened = await open(
        place,
        { upstream, downstream, isLast: next === undefined },
        options
      )
      if (opened.preferredRows < leastRows) {
        throw new SkeinError('stage-not-here', `steps of ${opened.preferredRows} rows at most`)
      }
      return { place, opened }
    } catch (thrown) {
      options.onRefused(stage.peer)
      throw SkeinError.from(thrown, 'peer-unreachable')
    }
  })
  const opened = await Promise.all(opening)
  return {
    places: opened.map(({ place }) => place),
    rows: Math.min(...opened.map((it) => it.opened.preferredRows))
  }
}

interface Neighbours {
  readonly upstream: PeerKey
  readonly downstream: StagePlace | null
  readonly isLast: boolean
}

function open(
  place: Place,
  { upstream, downstream, isLast }: Neighbours,
  { maxTokens, dtype, quietUntil, eventsOf }: OpenPlacesOptions
): Promise<OpenedSession> {
  const { model, adapter, range } = place.stage.offer
  const request = {
    session: place.id,
    model,
    ...(adapter === undefined ? {} : { adapter }),
    range,
    upstream,
    downstream,
    maxTokens,
    dtype,
    quietUntil: isLast ? quietUntil : 0
  }
  return place.link.open(request, eventsOf(place, downstream === null))
}
