import { describe, expect, it } from 'vitest'
import { maxFlow } from '#test/sim/max-flow.ts'
import { EventQueue } from '#test/sim/event-queue.ts'
import { Simulation, type SimResult } from '#test/sim/simulation.ts'
import { Random } from '#test/support/models/random.ts'

function run(seed: number): SimResult {
  return new Simulation({ peers: 150, hours: 5, seed, sessionsPerDay: 12 }).run()
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

describe('the simulated network', () => {
  const result = run(1)

  it('hosts every layer at all times once it has filled up', () => {
    expect(result.samples.length).toBeGreaterThan(5)
    for (const { coverage } of result.samples) expect(coverage).toBe(1)
  })

  it('lets through a good part of the best possible, though peers are few and large', () => {
    expect(mean(result.samples.map(({ throughput }) => throughput))).toBeGreaterThan(0.4)
    for (const { throughput } of result.samples) expect(throughput).toBeLessThanOrEqual(1)
  })

  it('leaves healthy ranges alone', () => {
    expect(result.moves / result.peerHours).toBeLessThan(0.5)
  })

  it('answers, by chains near the best of those that are known', () => {
    const { served, asked, knownRatios } = result.demand
    expect(served).toBeGreaterThan(asked * 0.8)
    expect(mean(knownRatios)).toBeLessThan(1.1)
    for (const ratio of knownRatios) expect(ratio).toBeGreaterThan(1 - 1e-9)
  })

  it('is the same again with the same seed, and another with another', () => {
    expect(run(1)).toEqual(result)
    expect(run(2).messages).not.toBe(result.messages)
  })
})

describe('what the simulator measures with', () => {
  it('finds the most that stages let through', () => {
    const stage = (first: number, end: number, tokensPerSecond: number) => ({
      range: { first, end },
      tokensPerSecond
    })
    expect(maxFlow([stage(0, 2, 5), stage(2, 4, 3)], 4)).toBe(3)
    expect(maxFlow([stage(0, 2, 5), stage(1, 4, 3)], 4)).toBe(0)
    const crossing = [
      stage(0, 1, 4),
      stage(0, 2, 3),
      stage(1, 2, 2),
      stage(1, 4, 3),
      stage(2, 4, 9)
    ]
    expect(maxFlow(crossing, 4)).toBe(7)
    // The first way found takes 0-1-2-4 whole; the best gives its middle back.
    const wrongTurn = [
      stage(0, 1, 1),
      stage(0, 2, 1),
      stage(1, 2, 1),
      stage(1, 4, 1),
      stage(2, 4, 1)
    ]
    expect(maxFlow(wrongTurn, 4)).toBe(2)
  })

  it('takes events in the order of their times', () => {
    const random = new Random(5)
    const queue = new EventQueue<number>()
    const times = Array.from({ length: 200 }, () => random.below(50))
    for (const [index, at] of times.entries()) queue.add(at, index)
    const expected = [...times.keys()].toSorted(
      (a, b) => (times[a] ?? 0) - (times[b] ?? 0) || a - b
    )
    const taken = times.map(() => queue.next(50)?.event)
    expect(taken).toEqual(expected)
    expect(queue.next(50)).toBeUndefined()
  })
})
