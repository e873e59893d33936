import type { LayerRange, ModelInfo } from '#contract/model.ts'
import { ParityChain, type CarvedStage } from './parity-chain.ts'

const slots = 5
const prompt = [5, 17, 90, 33, 2, 77, 251, 8, 9, 10, 11]

/** The logits of every row that a chain of these stages computes in `scenario`. */
export function logitsOf(stages: readonly CarvedStage[], layers: number): readonly Float32Array[] {
  const chain = new ParityChain(stages, layers, slots)
  try {
    return scenario(chain)
  } finally {
    chain.close()
  }
}

/**
 * Everything that a session does: prefill, single steps, a rollback, other tokens from there, and four sequences of
 * different lengths batched together. Returns the logits of every row, in order.
 */
function scenario(chain: ParityChain): Float32Array[] {
  const rows: Float32Array[] = []
  const run = (...steps: Parameters<ParityChain['run']>[0]): void => {
    rows.push(...chain.run(steps))
  }
  chain.openSlot(0, 32)
  run({ slot: 0, position: 0, tokens: prompt })
  for (const [index, token] of [100, 101, 102].entries()) {
    run({ slot: 0, position: prompt.length + index, tokens: [token] })
  }
  chain.rollback(0, 6)
  run({ slot: 0, position: 6, tokens: [44, 45, 46, 47] })
  run({ slot: 0, position: 10, tokens: [48] })

  const others = [1, 2, 3, 4]
  for (const slot of others) chain.openSlot(slot, 32)
  run(...others.map((slot) => ({ slot, position: 0, tokens: prompt.slice(0, 3 + slot) })))
  for (const step of [0, 1, 2]) {
    run(
      ...others.map((slot) => ({
        slot,
        position: 3 + slot + step,
        tokens: [60 + 10 * step + slot]
      }))
    )
  }
  chain.rollback(2, 4)
  run(...others.map((slot) => ({ slot, position: slot === 2 ? 4 : 6 + slot, tokens: [7 + slot] })))
  return rows
}

/** The index of the first row that differs in any bit, or `undefined`. */
export function firstDifference(
  expected: readonly Float32Array[],
  actual: readonly Float32Array[]
): number | undefined {
  const index = expected.findIndex((row, at) => {
    const other = actual[at]
    return other === undefined || Buffer.compare(bytesOf(row), bytesOf(other)) !== 0
  })
  return index === -1 ? undefined : index
}

function bytesOf(row: Float32Array): Buffer {
  return Buffer.from(row.buffer, row.byteOffset, row.byteLength)
}

/** `parts` ranges as even as the boundaries allow. */
export function split({ layers, boundaries }: ModelInfo, parts: number): LayerRange[] {
  const first = (part: number): number =>
    boundaries[Math.floor((part * boundaries.length) / parts)] ?? layers
  return Array.from({ length: parts }, (_, part) => ({
    first: first(part),
    end: part === parts - 1 ? layers : first(part + 1)
  }))
}
