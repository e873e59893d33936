import type { TensorType } from '#model/tensor-types.ts'
import { Random } from './random.ts'

/**
 * Scales of the types for which ggml builds tables of its own, for seconds each, before it quantises the first value: with them,
 * values deviate by about 1/16. Any bits are a valid block of these types, but for the scale.
 */
const scales: Readonly<Record<string, number>> = {
  IQ2_XXS: 0.0016,
  IQ2_XS: 0.0016,
  IQ2_S: 0.0016,
  IQ1_S: 0.008,
  IQ1_M: 0.008
}

/** Random blocks of a type that is slow to quantise; `undefined` for any other. */
export function lowBitBlocks(
  type: TensorType,
  bytes: number,
  seed: number
): Uint8Array | undefined {
  const scale = scales[type.name]
  if (scale === undefined) return undefined
  const random = new Random(seed)
  const blocks = Uint8Array.from({ length: bytes }, () => random.below(256))
  const view = new DataView(blocks.buffer)
  for (let block = 0; block < bytes; block += type.blockBytes) {
    if (type.name === 'IQ1_M') spreadScale(view, block + type.blockBytes - 8, scale)
    else view.setFloat16(block, scale, true)
  }
  return blocks
}

/** IQ1_M keeps its float16 in the highest four bits of its last four words, lowest bits first. */
function spreadScale(view: DataView, offset: number, scale: number): void {
  const half = new DataView(new ArrayBuffer(2))
  half.setFloat16(0, scale, true)
  const bits = half.getUint16(0, true)
  for (let word = 0; word < 4; word++) {
    const rest = view.getUint16(offset + 2 * word, true) & 0x0fff
    const part = (bits >> (4 * word)) & 0xf
    view.setUint16(offset + 2 * word, rest | (part << 12), true)
  }
}
