import { SkeinError } from '#contract/errors.ts'
import { bytesPerValue, type WireDtype } from '#contract/stage.ts'

/** The largest finite float16. */
const float16Max = 65_504

export interface WireBoundary {
  readonly dtype: WireDtype
  readonly data: Uint8Array
}

/** A boundary as it travels: in `dtype`, or in float32 where a value is beyond float16. Nothing is clipped. */
export function toWire(values: Float32Array, dtype: WireDtype): WireBoundary {
  if (dtype === 'float16' && fitsFloat16(values))
    return { dtype, data: bytesOf(new Float16Array(values)) }
  return { dtype: 'float32', data: bytesOf(values) }
}

/**
 * A boundary as the engine takes it: `count` finite float32 values. A view where the bytes lie well, else a copy.
 * Throws `boundary-invalid`.
 */
export function fromWire(dtype: WireDtype, data: Uint8Array, count: number): Float32Array {
  if (data.byteLength !== count * bytesPerValue[dtype]) {
    throw new SkeinError(
      'boundary-invalid',
      `${data.byteLength} bytes for ${count} values of ${dtype}`
    )
  }
  const values = dtype === 'float32' ? float32Of(data) : Float32Array.from(float16Of(data))
  if (!isFinite(values)) throw new SkeinError('boundary-invalid', 'a value that is not a number')
  return values
}

function fitsFloat16(values: Float32Array): boolean {
  for (const value of values) if (value > float16Max || value < -float16Max) return false
  return true
}

/** One sum tells: a value that is not finite makes `value * 0` not a number. */
function isFinite(values: Float32Array): boolean {
  let sum = 0
  for (const value of values) sum += value * 0
  return sum === 0
}

function bytesOf(values: Float32Array | Float16Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}

function float32Of(data: Uint8Array): Float32Array {
  const { buffer, byteOffset, byteLength } = aligned(data, 4)
  return new Float32Array(buffer, byteOffset, byteLength / 4)
}

function float16Of(data: Uint8Array): Float16Array {
  const { buffer, byteOffset, byteLength } = aligned(data, 2)
  return new Float16Array(buffer, byteOffset, byteLength / 2)
}

function aligned(data: Uint8Array, bytes: number): Uint8Array {
  return data.byteOffset % bytes === 0 ? data : new Uint8Array(data)
}
