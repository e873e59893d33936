import { expect, test } from 'vitest'
import type { ReachableStage } from '#contract/announce.ts'
import { modelKeySchema, type LayerRange } from '#contract/model.ts'
import { peerKeySchema } from '#contract/peer.ts'
import { keepHome } from '../../../src-main/node/keep-home.ts'

const model = modelKeySchema.parse('aa'.repeat(32))
const adapter = modelKeySchema.parse('bb'.repeat(32))
const whole = { first: 0, end: 4 }
const front = { first: 0, end: 2 }

function stage(
  isLocal: boolean,
  range: LayerRange,
  change: Partial<ReachableStage['offer']> = {}
): ReachableStage {
  const places = { slots: 1, freeSlots: 1, contextTokens: 1, freeTokens: 1 }
  return {
    peer: peerKeySchema.parse((isLocal ? 'cc' : 'dd').repeat(32)),
    isLocal,
    offer: { model, range, layers: 4, width: 1, dtypes: ['float32'], ...places, ...change }
  }
}

function chosen(...stages: readonly ReachableStage[]): readonly ReachableStage[] {
  return keepHome({ stages: () => stages, onChange: () => () => undefined }).stages()
}

test('of a model that is loaded here from end to end, nobody else’s stages are chosen', () => {
  const own = stage(true, whole)
  const ownFront = stage(true, front)
  const others = [stage(false, whole), stage(false, front)]
  expect(chosen(own, ownFront, ...others)).toEqual([own, ownFront])
})

test('with a part of it, or another model, or another adapter, others are asked', () => {
  const parts = [stage(true, front), stage(false, whole)]
  expect(chosen(...parts)).toEqual(parts)
  const adapted = [stage(true, whole), stage(false, whole, { adapter })]
  expect(chosen(...adapted)).toEqual(adapted)
  const another = [stage(true, whole), stage(false, whole, { model: adapter })]
  expect(chosen(...another)).toEqual(another)
})
