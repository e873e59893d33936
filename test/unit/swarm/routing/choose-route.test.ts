import { describe, expect, it } from 'vitest'
import type { ReachableStage } from '#contract/announce.ts'
import { SkeinError } from '#contract/errors.ts'
import { modelKeySchema } from '#contract/model.ts'
import { chooseRoute } from '#swarm/routing/choose-route.ts'
import type { RouteNeed } from '#swarm/routing/route-need.ts'
import { reachableStage as stage, routedModel } from '#test/support/fakes/reachable-stage.ts'
import { Random } from '#test/support/models/random.ts'

const need: RouteNeed = { model: routedModel, layers: 6, tokens: 100, dtype: 'float16' }
const unmoved = (): number => 0

const names = (chain: readonly ReachableStage[]): string =>
  chain.map(({ peer }) => peer[0]).join('')
const choose = (stages: readonly ReachableStage[], more: Partial<RouteNeed> = {}): string =>
  names(chooseRoute(stages, { ...need, ...more }, unmoved))

describe('the choice of a chain', () => {
  it('takes few stages, because every one is a hop', () => {
    const stages = [stage('a', 0, 2), stage('b', 2, 4), stage('c', 4, 6), stage('d', 0, 4)]
    expect(choose(stages)).toBe('dc')
  })

  it('takes more stages where the few are slow', () => {
    const slow = stage('a', 0, 6, { microsPerLayer: 90_000 })
    expect(choose([slow, stage('b', 0, 3), stage('c', 3, 6)])).toBe('bc')
  })

  it('takes stages that have the adapter asked for, and no others', () => {
    const adapter = modelKeySchema.parse('e'.repeat(64))
    const stages = [stage('a', 0, 6), stage('b', 0, 3, { adapter }), stage('c', 3, 6, { adapter })]
    expect(choose(stages)).toBe('a')
    expect(choose(stages, { adapter })).toBe('bc')
    const another = modelKeySchema.parse('d'.repeat(64))
    expect(() => choose(stages, { adapter: another })).toThrow('no-chain')
  })

  it('takes the fastest of equally short ones', () => {
    const slow = stage('b', 3, 6, { microsPerLayer: 9000 })
    const far = stage('c', 3, 6, {}, { roundTripMillis: 300 })
    const unmeasured = stage('e', 3, 6, { microsPerLayer: undefined }, { isFar: true })
    expect(choose([stage('a', 0, 3), slow, far, unmeasured, stage('d', 3, 6)])).toBe('ad')
  })

  it('prefers the local peer to an equal one', () => {
    const here = stage('b', 3, 6, {}, { isLocal: true })
    expect(choose([stage('a', 0, 3), stage('c', 3, 6), here])).toBe('ab')
  })

  it('goes around busy peers', () => {
    const busy = stage('b', 3, 6, { freeSlots: 1, microsPerLayer: 10_000 })
    const idle = stage('c', 3, 6, { microsPerLayer: 10_000 })
    expect(choose([stage('a', 0, 3), busy, idle])).toBe('ac')
    const waits = { microsPerLayer: 10_000, waitMicros: 50_000 }
    const queued = stage('d', 3, 6, {}, { measured: waits })
    expect(choose([stage('a', 0, 3), queued, idle])).toBe('ac')
  })

  it('finds a way around places where ranges do not meet', () => {
    const stages = [stage('a', 0, 5), stage('b', 4, 6), stage('c', 0, 1), stage('d', 1, 4)]
    expect(choose(stages)).toBe('cdb')
  })

  it('believes no claim of being fast, and every claim of being slow', () => {
    const rest = [stage('a', 0, 3), stage('b', 3, 6)]
    const liar = stage('c', 3, 6, { microsPerLayer: 1 }, { roundTripMillis: 11 })
    expect(choose([...rest, liar])).toBe('ab')
    const measured = { microsPerLayer: 500, waitMicros: 0 }
    expect(choose([...rest, { ...liar, measured }])).toBe('ac')
    expect(choose([...rest, stage('d', 3, 6, { microsPerLayer: 3000 })])).toBe('ab')
  })

  it('keeps to the stages that hold the session unless others are clearly better', () => {
    const stages = [stage('a', 0, 3), stage('b', 3, 6), stage('c', 3, 6, { microsPerLayer: 900 })]
    const keep = stages.slice(1, 2).map(({ peer, offer }) => ({ peer, range: offer.range }))
    expect(choose(stages, { keep })).toBe('ab')
    const muchBetter = stage('d', 3, 6, {}, { isLocal: true })
    expect(choose([...stages, muchBetter], { keep })).toBe('ad')
  })

  it('replaces a part of a chain without touching the rest', () => {
    const stages = [stage('a', 0, 2), stage('b', 2, 4), stage('c', 4, 6), stage('d', 2, 4)]
    const dead = stages[1]
    const avoid = new Set(dead === undefined ? [] : [dead.peer])
    expect(choose(stages, { range: { first: 2, end: 4 }, avoid })).toBe('d')
  })

  it('spreads those who know the same over what is nearly equal, and over nothing else', () => {
    const random = new Random(7)
    const near = ['b', 'c', 'd', 'e'].map((peer) => stage(peer, 3, 6))
    const far = stage('9', 3, 6, {}, { roundTripMillis: 80 })
    const counts = new Map<string, number>()
    for (let session = 0; session < 400; session++) {
      const route = chooseRoute([stage('a', 0, 3), ...near, far], need, () => random.uniform())
      const last = names(route)[1] ?? ''
      counts.set(last, (counts.get(last) ?? 0) + 1)
    }
    expect([...counts.keys()].toSorted()).toEqual(['b', 'c', 'd', 'e'])
    expect(Math.min(...counts.values())).toBeGreaterThan(70)
  })

  it('says why there is none', () => {
    const first = stage('a', 0, 3)
    const code = (stages: readonly ReachableStage[], more: Partial<RouteNeed> = {}): string => {
      try {
        return choose(stages, more)
      } catch (thrown) {
        return SkeinError.from(thrown).code
      }
    }
    const last = stage('b', 3, 6)
    expect(code([first])).toBe('no-chain')
    expect(code([first, stage('b', 3, 6, { layers: 7 })])).toBe('no-chain')
    expect(code([first, last], { avoid: new Set([last.peer]) })).toBe('no-chain')
    expect(code([first, stage('b', 3, 6, { dtypes: ['float32'] })])).toBe('no-chain')
    expect(code([first, stage('b', 3, 6, { freeSlots: 0 })])).toBe('stage-full')
    expect(code([first, stage('b', 3, 6, { freeTokens: 99 })])).toBe('stage-full')
    expect(code([first, stage('b', 3, 6, { contextTokens: 99, freeTokens: 99 })])).toBe(
      'prompt-too-long'
    )
  })
})
