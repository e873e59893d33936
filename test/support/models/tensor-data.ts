import type { TensorType } from '#model/tensor-types.ts'
import { Random } from './random.ts'

export type TestTensorType = 'F32' | 'F16' | 'Q8_0' | 'Q4_0'

/** Longest run of data that is made at random; larger tensors repeat it. */
const poolBytes = 1024 * 1024

/**
 * Random data for one tensor, in chunks: values of deviation `deviation`, for Q4_0 and Q8_0 spread evenly over what the
 * type can hold. `mean` shifts values of float types only (norm weights lie around 1). Any other type gets random bits.
 */
export function* tensorData(
  type: TensorType,
  bytes: number,
  spread: { readonly mean: number; readonly deviation: number },
  seed: number
): Generator<Uint8Array> {
  const pool = makePool(type, Math.min(bytes, wholeBlocks(type)), spread, new Random(seed))
  for (let done = 0; done < bytes; done += pool.length) yield pool.subarray(0, bytes - done)
}

function wholeBlocks(type: TensorType): number {
  return Math.floor(poolBytes / type.blockBytes) * type.blockBytes
}

function makePool(
  type: TensorType,
  bytes: number,
  { mean, deviation }: { readonly mean: number; readonly deviation: number },
  random: Random
): Uint8Array {
  if (type.name === 'F32' || type.name === 'F16') {
    const length = bytes / type.blockBytes
    const values = Float32Array.from({ length }, () => mean + random.gauss() * deviation)
    return new Uint8Array(type.name === 'F32' ? values.buffer : new Float16Array(values).buffer)
  }
  const words = new Uint32Array(Math.ceil(bytes / 4))
  for (let index = 0; index < words.length; index++) words[index] = random.word()
  const pool = new Uint8Array(words.buffer, 0, bytes)
  const view = new DataView(words.buffer)
  if (type.name !== 'Q4_0' && type.name !== 'Q8_0') return pool
  // A block begins with its float16 scale; its values are even over -8..7 or -128..127.
  const scale = deviation / (type.name === 'Q4_0' ? 4.6 : 73.9)
  for (let block = 0; block < bytes; block += type.blockBytes) {
    view.setFloat16(block, scale, true)
  }
  return pool
}
