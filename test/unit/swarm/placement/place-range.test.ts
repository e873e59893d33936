import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LayerRange } from '#contract/model.ts'
import type { PlacedStage } from '#contract/placement.ts'
import { ModelGrid } from '#swarm/placement/model-grid.ts'
import { placeRange, type PlacementQuestion } from '#swarm/placement/place-range.ts'
import { gigabyte, modelShape } from '#test/support/fakes/model-shape.ts'
import { numberedPeer } from '#test/support/fakes/reachable-stage.ts'

const six = new ModelGrid(modelShape(6))

function host(peer: number, first: number, end: number, microsPerLayer?: number): PlacedStage {
  const range = { first, end }
  return {
    peer: numberedPeer(peer),
    range,
    ...(microsPerLayer === undefined ? {} : { microsPerLayer })
  }
}

function place(others: readonly PlacedStage[], more: Partial<PlacementQuestion> = {}) {
  const question = { self: numberedPeer(0), grid: six, memoryBytes: 6 * gigabyte, others, ...more }
  return placeRange(question)
}

const text = (range: LayerRange | undefined): string =>
  range === undefined ? 'none' : `${range.first}-${range.end}`

describe('where a peer helps most', () => {
  it('completes what others began, though it could hold more', () => {
    expect(text(place([host(1, 0, 3), host(2, 0, 3)])?.range)).toBe('3-6')
    expect(text(place([host(1, 0, 5), host(2, 0, 5)])?.range)).toBe('5-6')
  })

  it('hosts all of a model that nobody hosts, if it can', () => {
    expect(text(place([])?.range)).toBe('0-6')
  })

  it('is the spare of a range with one host, before it makes another faster', () => {
    const slowPair = [host(1, 3, 6, 9000), host(2, 3, 6, 9000)]
    const memoryBytes = 3 * gigabyte
    expect(text(place([host(3, 0, 3, 3000), ...slowPair], { memoryBytes })?.range)).toBe('0-3')
    const twice = [host(3, 0, 3, 3000), host(4, 0, 3, 3000)]
    expect(text(place([...twice, ...slowPair], { memoryBytes })?.range)).toBe('3-6')
  })

  it('stays where it is while nothing is better', () => {
    const others = [host(1, 0, 3), host(2, 3, 6), host(3, 3, 6)]
    const held = { first: 0, end: 3 }
    expect(place(others, { held, memoryBytes: 3 * gigabyte })).toEqual({
      range: held,
      advantage: 1
    })
  })

  it('has nothing where not even one part fits', () => {
    const grid = new ModelGrid(modelShape(6, { stageBytes: gigabyte }))
    expect(place([], { grid, memoryBytes: 1.5 * gigabyte })).toBeUndefined()
  })

  it('counts what the ends of a model hold besides', () => {
    const grid = new ModelGrid(modelShape(6, { firstBytes: gigabyte, tailBytes: gigabyte }))
    const memoryBytes = 3 * gigabyte
    const others = [host(1, 0, 2), host(2, 2, 4)]
    expect(text(place(others, { grid, memoryBytes })?.range)).toBe('4-6')
    expect(text(place(others, { grid, memoryBytes: 2.5 * gigabyte })?.range)).toBe('5-6')
  })

  it('ignores ranges that the model cannot have', () => {
    const nonsense = [host(1, 0, 60), host(2, 5, 5)]
    expect(text(place([...nonsense, host(3, 0, 3), host(4, 0, 3)])?.range)).toBe('3-6')
  })

  it('differs between peers that come at once', () => {
    const grid = new ModelGrid(modelShape(48))
    const chosen = Array.from({ length: 40 }, (_, peer) =>
      text(place([], { grid, self: numberedPeer(peer), memoryBytes: 12 * gigabyte })?.range)
    )
    const counts = chosen.map((range) => chosen.filter((it) => it === range).length)
    expect(new Set(chosen).size).toBe(4)
    expect(Math.max(...counts)).toBeLessThan(20)
  })

  it('fills a model completely, however the peers come', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 8, max: 30 }), { minLength: 16, maxLength: 16 }),
        (sizes) => {
          const grid = new ModelGrid(modelShape(60))
          const others: PlacedStage[] = []
          for (const [peer, size] of sizes.entries()) {
            const self = numberedPeer(peer)
            const placed = place(others, { grid, self, memoryBytes: size * gigabyte })
            if (placed !== undefined) others.push({ peer: self, range: placed.range })
          }
          for (let layer = 0; layer < 60; layer++) {
            expect(others.some(({ range }) => range.first <= layer && layer < range.end)).toBe(true)
          }
        }
      ),
      { numRuns: 30 }
    )
  })

  it('never takes more than it has room for, nor cuts where the model may not be cut', () => {
    const anyModel = fc
      .record({ layers: fc.integer({ min: 1, max: 70 }), every: fc.integer({ min: 1, max: 7 }) })
      .map(({ layers, every }) => {
        const all = Array.from({ length: layers }, (_, layer) => layer)
        return modelShape(layers, { boundaries: all.filter((layer) => layer % every === 0) })
      })
    const anyStages = fc.array(
      fc.record({ first: fc.nat(69), length: fc.integer({ min: 1, max: 40 }) }),
      { maxLength: 12 }
    )
    fc.assert(
      fc.property(anyModel, anyStages, fc.integer({ min: 1, max: 70 }), (shape, stages, size) => {
        const others = stages.map(({ first, length }, peer) =>
          host(peer + 1, first, first + length)
        )
        const grid = new ModelGrid(shape)
        const memoryBytes = size * gigabyte
        const placed = place(others, { grid, memoryBytes })
        expect(place(others, { grid, memoryBytes })).toEqual(placed)
        if (placed === undefined) return
        expect(grid.bytesOf(placed.range)).toBeLessThanOrEqual(memoryBytes)
        expect(grid.isRange(placed.range)).toBe(true)
      })
    )
  })
})
