import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ReachableStage } from '#contract/announce.ts'
import { chooseRoute } from '#swarm/routing/choose-route.ts'
import { hopMicros, stageMicros } from '#swarm/routing/route-cost.ts'
import { typicalMicrosPerLayer } from '#swarm/routing/stage-speed.ts'
import { reachableStage, routedModel } from '#test/support/fakes/reachable-stage.ts'

const layers = 6

/** A stage of a small swarm, drawn at random. */
const anyStage = fc
  .record({
    first: fc.integer({ min: 0, max: layers - 1 }),
    length: fc.integer({ min: 1, max: layers }),
    microsPerLayer: fc.integer({ min: 100, max: 20_000 }),
    waitMicros: fc.integer({ min: 0, max: 50_000 }),
    roundTripMillis: fc.integer({ min: 1, max: 200 }),
    freeSlots: fc.integer({ min: 1, max: 4 })
  })
  .map(({ first, length, freeSlots, roundTripMillis, ...measured }) => {
    const end = Math.min(layers, first + length)
    return reachableStage('a', first, end, { freeSlots }, { roundTripMillis, measured })
  })

const smallSwarm = fc
  .array(anyStage, { minLength: 1, maxLength: 8 })
  .map((stages) => stages.map((stage, index) => ({ ...stage, peer: peerAt(index) })))

function peerAt(index: number): ReachableStage['peer'] {
  return reachableStage(index.toString(16), 0, 1).peer
}

function costOf(route: readonly ReachableStage[], typical: number): number {
  const ends = [...route, undefined]
  const hops = ends.map((to, index) => hopMicros(route[index - 1], to))
  const stages = route.map((stage) => stageMicros(stage, typical))
  return [...hops, ...stages].reduce((sum, cost) => sum + cost, 0)
}

/** Every chain that covers all layers, tried one by one. */
function* everyRoute(
  stages: readonly ReachableStage[],
  from = 0
): Generator<readonly ReachableStage[]> {
  if (from === layers) yield []
  for (const stage of stages) {
    if (stage.offer.range.first !== from) continue
    for (const rest of everyRoute(stages, stage.offer.range.end)) yield [stage, ...rest]
  }
}

describe('the shortest route', () => {
  it('is never more than a tenth above the best of all, and the best itself when nothing is perturbed', () => {
    fc.assert(
      fc.property(smallSwarm, fc.integer(), (stages, seed) => {
        const typical = typicalMicrosPerLayer(stages)
        const costs = [...everyRoute(stages)].map((route) => costOf(route, typical))
        fc.pre(costs.length > 0)
        const best = Math.min(...costs)
        const need = { model: routedModel, layers, tokens: 1, dtype: 'float16' as const }
        const random = (): number => Math.abs(Math.sin(seed++))
        expect(
          costOf(
            chooseRoute(stages, need, () => 0),
            typical
          )
        ).toBeCloseTo(best, 3)
        expect(costOf(chooseRoute(stages, need, random), typical)).toBeLessThanOrEqual(best * 1.1)
      })
    )
  })
})
