import type { ReachableStage } from '#contract/announce.ts'
import { believedMicrosPerLayer } from './stage-speed.ts'

/** Stands for a round trip that nobody measured, in milliseconds: half around the world. */
const unknownRoundTripMillis = 200

/**
 * What a remote stage costs besides its distance, in microseconds: packing, encryption, wake-ups, and one more peer that may die.
 * Between what others measured or charge for a hop (peers.md: Mesh-LLM 13 ms, Petals 18 ms).
 */
const hopOverheadMicros = 15_000

/**
 * Microseconds that one token spends at a stage: computing, and waiting until what the stage works on is done. How long that is was
 * measured in sessions of this peer, or follows from the share of its places that are taken; the worse of the two counts.
 */
export function stageMicros(stage: ReachableStage, typicalMicrosPerLayer: number): number {
  const { range, slots, freeSlots } = stage.offer
  const compute = believedMicrosPerLayer(stage, typicalMicrosPerLayer) * (range.end - range.first)
  const busy = slots === 0 ? 1 : Math.max(0, 1 - freeSlots / slots)
  const wait = Math.max(compute * busy, stage.measured?.waitMicros ?? 0)
  return compute + wait + (stage.isLocal ? 0 : hopOverheadMicros)
}

/**
 * Microseconds for one way between two ends of a hop; `undefined` stands for the coordinator. Between two other peers the round trip is
 * unknown: by the triangle inequality it lies between the difference and the sum of the two that this peer measured, and the middle of
 * these is the larger one.
 */
export function hopMicros(
  from: ReachableStage | undefined,
  to: ReachableStage | undefined
): number {
  if (isHere(from) && isHere(to)) return 0
  if (from !== undefined && from.peer === to?.peer) return 0
  return (Math.max(roundTripMillis(from), roundTripMillis(to)) * 1000) / 2
}

function isHere(end: ReachableStage | undefined): boolean {
  return end === undefined || end.isLocal
}

function roundTripMillis(end: ReachableStage | undefined): number {
  if (end === undefined || end.isLocal) return 0
  return end.roundTripMillis ?? unknownRoundTripMillis
}
