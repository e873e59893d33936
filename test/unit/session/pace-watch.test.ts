import { describe, expect, it } from 'vitest'
import { peerKeySchema, sessionIdSchema } from '#contract/peer.ts'
import type { StageLink, StepResult } from '#contract/stage.ts'
import { modelKeySchema } from '#contract/model.ts'
import { PaceWatch } from '#session/pace-watch.ts'
import { Place } from '#session/place.ts'

const id = sessionIdSchema.parse('1'.repeat(32))

/** A chain of places, and how it fares: round trips from the coordinator, and those from each stage to the next. */
function chain(count: number) {
  const direct = Array.from({ length: count }, () => 10)
  const compute = Array.from({ length: count }, () => 5)
  const links = Array.from({ length: count - 1 }, () => 10)
  const places = direct.map((_, index) => {
    const peer = peerKeySchema.parse(index.toString(16).padStart(64, '0'))
    const link: StageLink = {
      peer,
      get roundTripMillis() {
        return direct[index]
      },
      open: () => Promise.reject(new Error('unused')),
      step: () => Promise.resolve(),
      relink: () => Promise.resolve(),
      rollback: () => undefined,
      close: () => undefined
    }
    const offer = {
      model: modelKeySchema.parse('a'.repeat(64)),
      range: { first: index, end: index + 1 },
      layers: count,
      width: 8,
      slots: 1,
      freeSlots: 1,
      contextTokens: 64,
      freeTokens: 64,
      dtypes: ['float32' as const]
    }
    return new Place(id, { peer, isLocal: false, offer }, link)
  })
  const watch = new PaceWatch()
  /** Runs steps; the index of the place found slow at the last one. */
  const run = (steps: number): number | undefined => {
    let slow: number | undefined
    for (let step = 0; step < steps; step++) {
      const timings = places.map((_, index) => ({
        computeMicros: (compute[index] ?? 0) * 1000,
        waitMicros: 0,
        linkMicros: (links[index] ?? 0) * 1000
      }))
      const result: StepResult = {
        session: id,
        epoch: 0,
        position: step,
        candidates: [],
        timings,
        hopBytes: []
      }
      const found = watch.add(places, result)?.place
      slow = found === undefined ? undefined : places.indexOf(found)
    }
    return slow
  }
  return { direct, compute, links, run }
}

describe('the watch over the pace of a chain', () => {
  it('finds nothing while all is as it was, nor when a step stumbles', () => {
    const { run, compute } = chain(3)
    expect(run(20)).toBeUndefined()
    compute[1] = 500
    expect(run(1)).toBeUndefined()
    compute[1] = 5
    expect(run(5)).toBeUndefined()
  })

  it('finds the stage that computes ten times as long', () => {
    const { run, compute } = chain(3)
    run(8)
    compute[0] = 200
    expect(run(4)).toBe(0)
    compute[0] = 5
    expect(run(4)).toBeUndefined()
  })

  it('finds the peer whose links are all slow, and the later one where only one between two is', () => {
    const far = chain(3)
    far.run(8)
    far.links[0] = far.links[1] = 100
    far.direct[1] = 100
    expect(far.run(4)).toBe(1)
    const between = chain(3)
    between.run(8)
    between.links[1] = 300
    expect(between.run(4)).toBe(2)
  })

  it('leaves alone what nobody would notice', () => {
    const { run, compute, links, direct } = chain(2)
    direct[0] = direct[1] = links[0] = 0
    compute[0] = compute[1] = 1
    run(8)
    compute[1] = 20
    expect(run(8)).toBeUndefined()
  })
})
