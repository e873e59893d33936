import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FlowField, type Wire } from '#swarm/placement/flow-field.ts'

const points = [0, 2, 3, 5, 8]

const anyWire = fc
  .record({
    from: fc.integer({ min: 0, max: points.length - 2 }),
    length: fc.integer({ min: 1, max: points.length - 1 }),
    rate: fc.double({ min: 0.1, max: 4, noNaN: true })
  })
  .map(({ from, length, rate }) => ({ from, to: Math.min(points.length - 1, from + length), rate }))

const one = (from: number, to: number): Wire => ({ from, to, rate: 1 })

describe('the flow through a swarm', () => {
  it('gains most where nobody is', () => {
    const field = new FlowField(points, [one(0, 2), one(0, 2), one(3, 4)])
    const gains = [one(0, 2), one(2, 3), one(3, 4)].map((wire) => field.gain(wire))
    expect(gains[1]).toBeGreaterThan(100 * Math.max(gains[0] ?? 0, gains[2] ?? 0))
  })

  it('gains the same everywhere once all layers are equally deep', () => {
    const field = new FlowField([0, 4, 8], [one(0, 1), one(1, 2)])
    expect(field.gain(one(0, 1))).toBeCloseTo(field.gain(one(1, 2)), 12)
  })

  it('gains little by ranges that meet nothing', () => {
    // 0-3 and 3-8 meet; 2-5 lies across their meeting point.
    const field = new FlowField(points, [one(0, 2), one(2, 4)])
    expect(field.gain(one(1, 3))).toBeLessThan(field.gain(one(0, 2)))
  })

  it('loses by no stage, and gains more by a faster one', () => {
    fc.assert(
      fc.property(fc.array(anyWire, { maxLength: 12 }), anyWire, (wires, wire) => {
        const field = new FlowField(points, wires)
        const gain = field.gain(wire)
        expect(gain).toBeGreaterThanOrEqual(0)
        expect(field.gain({ ...wire, rate: wire.rate * 2 })).toBeGreaterThanOrEqual(gain)
      })
    )
  })

  it('gains less by the second of two equal stages', () => {
    const anyPlace = fc.integer({ min: 0, max: points.length - 2 })
    fc.assert(
      fc.property(fc.array(anyWire, { maxLength: 12 }), anyPlace, (wires, from) => {
        const wire = one(from, from + 1)
        const first = new FlowField(points, wires).gain(wire)
        const second = new FlowField(points, [...wires, wire]).gain(wire)
        expect(second).toBeLessThanOrEqual(first * (1 + 1e-9))
      })
    )
  })
})
