import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SlotTable } from '#engine/slot-table.ts'

describe('SlotTable', () => {
  it('gives the lowest free slot and takes it back', () => {
    const table = new SlotTable(3, 100)
    expect([table.open(10), table.open(20), table.open(30)]).toEqual([0, 1, 2])
    table.close(1)
    expect(table.free()).toEqual({ slots: 1, tokens: 60 })
    expect(table.open(60)).toBe(1)
    expect(table.reserved(1)).toBe(60)
  })

  it('is full when slots or tokens run out', () => {
    const table = new SlotTable(2, 100)
    table.open(90)
    expect(() => table.open(11)).toThrow('stage-full')
    table.open(10)
    expect(() => table.open(1)).toThrow('stage-full')
  })

  it('says when a sequence would not fit even in an empty stage', () => {
    expect(() => new SlotTable(2, 100).open(101)).toThrow('context-full')
  })

  it.each([0, -1, 1.5, Number.NaN])('refuses a slot of %s tokens', (tokens) => {
    expect(() => new SlotTable(2, 100).open(tokens)).toThrow('invalid-input')
  })

  it('refuses a slot that is open, out of range or not open', () => {
    const table = new SlotTable(2, 100)
    table.open(10, 1)
    expect(() => table.open(10, 1)).toThrow('open already')
    expect(() => table.open(10, 2)).toThrow('slot 2')
    expect(() => table.reserved(0)).toThrow('not open')
    expect(() => table.close(0)).not.toThrow()
  })

  it('never lends more than it has', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ open: fc.boolean(), value: fc.integer({ min: 0, max: 60 }) })),
        (actions) => {
          const table = new SlotTable(4, 100)
          for (const { open, value } of actions) {
            try {
              if (open) table.open(value)
              else table.close(value % 4)
            } catch {
              // Refusals are part of the game; what counts is the sum.
            }
            const free = table.free()
            expect(free.tokens).toBeGreaterThanOrEqual(0)
            expect(free.slots).toBeGreaterThanOrEqual(0)
          }
        }
      )
    )
  })
})
