import { describe, expect, it } from 'vitest'
import type { TensorFunctions } from '#engine/bindings/tensor.ts'
import { BoundaryTap } from '#engine/child/boundary-tap.ts'

/** A graph as a list of tensor names; a tensor's address is its index. Counts how often a name was read. */
function graph(names: readonly string[], bytes = 8) {
  const counts = { names: 0, reads: 0 }
  const tensor: TensorFunctions = {
    name: (address) => {
      counts.names++
      return names[Number(address)] ?? ''
    },
    bytes: () => bytes,
    read: (address, target) => {
      counts.reads++
      target.fill(Number(address))
    }
  }
  return { tensor, counts }
}

/** What llama.cpp does with a graph of `size` tensors; gives how many it computed. */
function evaluate(tap: BoundaryTap, size: number): number {
  for (let address = 0; address < size; address++) {
    if (tap.answer(address, true) && !tap.answer(address, false)) return address + 1
  }
  return size
}

const layers = ['a-0', 'l_out-0', 'a-1', 'l_out-1', 'norm', 'head']

describe('BoundaryTap', () => {
  it('takes the named tensor and stops the graph after it', () => {
    const { tensor } = graph(layers)
    const tap = new BoundaryTap(tensor, 'l_out-1')
    const target = new Float32Array(2)
    tap.watch(1, target)
    expect(evaluate(tap, 6)).toBe(4)
    expect(tap.finish()).toBe(true)
    expect(target).toEqual(Float32Array.of(3, 3))
  })

  it('reads one name only once it knows where to look', () => {
    const { tensor, counts } = graph(layers)
    const tap = new BoundaryTap(tensor, 'l_out-1')
    for (let call = 0; call < 3; call++) {
      counts.names = 0
      tap.watch(1, new Float32Array(2))
      evaluate(tap, 6)
      expect(tap.finish()).toBe(true)
    }
    expect(counts.names).toBe(1)
  })

  it('finds a tensor that comes later than before', () => {
    const names = [...layers]
    const { tensor } = graph(names)
    const tap = new BoundaryTap(tensor, 'l_out-1')
    tap.watch(1, new Float32Array(2))
    evaluate(tap, 6)
    tap.finish()
    names.unshift('new', 'new')
    tap.watch(1, new Float32Array(2))
    expect(evaluate(tap, 8)).toBe(6)
    expect(tap.finish()).toBe(true)
  })

  it('says when it missed a tensor that comes earlier than before, and finds it the next time', () => {
    const names = ['new', 'new', ...layers]
    const { tensor } = graph(names)
    const tap = new BoundaryTap(tensor, 'l_out-1')
    tap.watch(1, new Float32Array(2))
    evaluate(tap, 8)
    tap.finish()
    names.splice(0, 2)
    tap.watch(1, new Float32Array(2))
    expect(evaluate(tap, 6)).toBe(6)
    expect(tap.finish()).toBe(false)
    tap.watch(1, new Float32Array(2))
    expect(evaluate(tap, 6)).toBe(4)
    expect(tap.finish()).toBe(true)
  })

  it('remembers calls of different rows apart', () => {
    const names = [...layers]
    const { tensor, counts } = graph(names)
    const tap = new BoundaryTap(tensor, 'l_out-1')
    const call = (rows: number): boolean => {
      tap.watch(rows, new Float32Array(2))
      evaluate(tap, names.length)
      return tap.finish()
    }
    call(1)
    names.unshift('only with many rows')
    call(7)
    names.shift()
    counts.names = 0
    expect(call(1)).toBe(true)
    expect(counts.names).toBe(1)
  })

  it('refuses a tensor of another size', () => {
    const { tensor, counts } = graph(layers, 12)
    const tap = new BoundaryTap(tensor, 'l_out-1')
    tap.watch(1, new Float32Array(2))
    evaluate(tap, 6)
    expect(() => tap.finish()).toThrow('engine-decode-failed')
    expect(counts.reads).toBe(0)
  })

  it('answers no while nobody watches', () => {
    const { tensor } = graph(layers)
    expect(evaluate(new BoundaryTap(tensor, 'l_out-1'), 6)).toBe(6)
  })
})
