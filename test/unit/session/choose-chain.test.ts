import { describe, expect, it } from 'vitest'
import type { ReachableStage, StageOffer } from '#contract/announce.ts'
import { modelKeySchema } from '#contract/model.ts'
import { peerKeySchema } from '#contract/peer.ts'
import { chooseChain } from '#session/choose-chain.ts'

const model = modelKeySchema.parse('f'.repeat(64))
const need = { model, layers: 6, tokens: 100, dtype: 'float16' as const }

function stage(
  peer: string,
  first: number,
  end: number,
  offer: Partial<StageOffer> = {},
  how: { isLocal?: boolean; roundTripMillis?: number | null } = {}
): ReachableStage {
  const { isLocal = false, roundTripMillis = 10 } = how
  return {
    peer: peerKeySchema.parse(peer.repeat(64)),
    isLocal,
    ...(roundTripMillis === null ? {} : { roundTripMillis }),
    offer: {
      model,
      range: { first, end },
      layers: 6,
      width: 8,
      slots: 4,
      freeSlots: 4,
      contextTokens: 1000,
      freeTokens: 1000,
      dtypes: ['float32', 'float16'],
      microsPerLayer: 1000,
      ...offer
    }
  }
}

const names = (chain: readonly ReachableStage[]): string =>
  chain.map(({ peer }) => peer[0]).join('')

describe('the choice of a chain', () => {
  it('covers all layers with the fewest stages', () => {
    const stages = [stage('a', 0, 2), stage('b', 2, 4), stage('c', 4, 6), stage('d', 0, 4)]
    expect(names(chooseChain(stages, need))).toBe('dc')
  })

  it('takes stages that have the adapter asked for, and no others', () => {
    const adapter = modelKeySchema.parse('e'.repeat(64))
    const stages = [stage('a', 0, 6), stage('b', 0, 3, { adapter }), stage('c', 3, 6, { adapter })]
    expect(names(chooseChain(stages, need))).toBe('a')
    expect(names(chooseChain(stages, { ...need, adapter }))).toBe('bc')
    const another = { ...need, adapter: modelKeySchema.parse('d'.repeat(64)) }
    expect(() => chooseChain(stages, another)).toThrow('no-chain')
  })

  it('takes the fastest of equally short ones by measured figures', () => {
    const slow = stage('b', 3, 6, { microsPerLayer: 9000 })
    const far = stage('c', 3, 6, {}, { roundTripMillis: 300 })
    const good = stage('d', 3, 6)
    const unmeasured = stage('e', 3, 6, { microsPerLayer: undefined }, { roundTripMillis: null })
    expect(names(chooseChain([stage('a', 0, 3), slow, far, unmeasured, good], need))).toBe('ad')
  })

  it('prefers the local peer to an equal one', () => {
    const here = stage('b', 3, 6, {}, { isLocal: true, roundTripMillis: null })
    expect(names(chooseChain([stage('a', 0, 3), stage('c', 3, 6), here], need))).toBe('ab')
  })

  it('finds a way around places where ranges do not meet', () => {
    const stages = [stage('a', 0, 5), stage('b', 4, 6), stage('c', 0, 1), stage('d', 1, 4)]
    expect(names(chooseChain(stages, need))).toBe('cdb')
  })

  it('says why there is none', () => {
    const first = stage('a', 0, 3)
    const code = (stages: readonly ReachableStage[], more = {}): unknown => {
      try {
        return names(chooseChain(stages, { ...need, ...more }))
      } catch (error) {
        return error instanceof Error && 'code' in error ? error.code : error
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
