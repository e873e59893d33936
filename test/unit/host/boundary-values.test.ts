import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SkeinError } from '#contract/errors.ts'
import { fromWire, toWire } from '#host/boundary-values.ts'

describe('a boundary on the wire', () => {
  it('is the same float32 values, wherever its bytes lie', () => {
    fc.assert(
      fc.property(
        fc.float32Array({ minLength: 1, noNaN: true, noDefaultInfinity: true }),
        fc.nat(3),
        (values, offset) => {
          const { dtype, data } = toWire(values, 'float32')
          const message = new Uint8Array(data.byteLength + offset)
          message.set(data, offset)
          expect(fromWire(dtype, message.subarray(offset), values.length)).toEqual(values)
        }
      )
    )
  })

  it('is rounded to float16 where every value fits, and stays float32 where one does not', () => {
    const small = Float32Array.of(1, -2.5, 65_504, 1 / 3)
    const wire = toWire(small, 'float16')
    expect(wire.data.byteLength).toBe(8)
    expect(fromWire(wire.dtype, wire.data, 4)).toEqual(Float32Array.from(small, Math.f16round))
    const large = Float32Array.of(1, -65_505)
    expect(toWire(large, 'float16').dtype).toBe('float32')
  })

  it.each([NaN, Infinity, -Infinity])('is refused with %d in it', (bad) => {
    const { data } = toWire(Float32Array.of(1, bad, 2), 'float32')
    expect(() => fromWire('float32', data, 3)).toThrow(SkeinError)
    const half = new Uint8Array(Float16Array.of(1, bad, 2).buffer)
    expect(() => fromWire('float16', half, 3)).toThrow(SkeinError)
  })

  it('is refused with another size', () => {
    expect(() => fromWire('float32', new Uint8Array(12), 4)).toThrow(SkeinError)
  })
})
