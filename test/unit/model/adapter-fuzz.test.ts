import { expect, test } from 'vitest'
import { SkeinError } from '#contract/errors.ts'
import type { LayerRange } from '#contract/model.ts'
import { modelKeySchema } from '#contract/model.ts'
import { planAdapter } from '#model/adapter/carve-adapter.ts'
import { describeAdapter } from '#model/adapter/describe-adapter.ts'
import { planRange } from '#model/carve-plan.ts'
import { readGguf } from '#model/gguf.ts'
import { assemble } from '#test/support/models/assemble.ts'
import { MemorySource } from '#test/support/models/memory-source.ts'
import { mutate, mutateInPlace } from '#test/support/models/mutate.ts'
import { randomAdapterBytes } from '#test/support/models/random-adapter.ts'
import { randomModelBytes, type RandomModelSpec } from '#test/support/models/random-model.ts'
import { readModel } from '#test/support/models/read-model.ts'

const key = modelKeySchema.parse('ab'.repeat(32))
const dense: RandomModelSpec = {
  architecture: 'qwen3',
  layers: 3,
  width: 64,
  heads: 2,
  kvHeads: 1,
  headLength: 32,
  feedForward: 32,
  vocabulary: 16,
  type: 'Q8_0'
}
const withExperts: RandomModelSpec = {
  ...dense,
  architecture: 'qwen3moe',
  experts: 2,
  expertsUsed: 1,
  expertFeedForward: 32
}
const ranges: readonly LayerRange[] = [
  { first: 0, end: 3 },
  { first: 0, end: 1 },
  { first: 1, end: 2 },
  { first: 2, end: 3 }
]

async function tryTo<Value>(work: () => Value | Promise<Value>): Promise<Value | undefined> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof SkeinError && error.code !== 'internal') return undefined
    throw error
  }
}

test.each([
  ['dense, bytes changed in place', dense, mutateInPlace],
  ['with experts, bytes changed in place', withExperts, mutateInPlace],
  ['dense, bytes moved as well', dense, mutate]
])(
  'a damaged adapter (%s) is refused, or carved into one that is sound',
  async (_, spec, damage) => {
    const base = await readModel(randomModelBytes(spec))
    const intact = await readModel(randomAdapterBytes(spec, { rank: 4 }))
    const header = intact.bytes.subarray(0, intact.gguf.dataOffset)
    const data = intact.bytes.subarray(intact.gguf.dataOffset)
    const counts = { unread: 0, refused: 0, carved: 0 }
    for (let seed = 0; seed < 2000; seed++) {
      const bytes = Buffer.concat([damage(header, seed), data])
      const range = ranges[seed % ranges.length] ?? { first: 0, end: 3 }
      const gguf = await tryTo(() => readGguf(new MemorySource(bytes)))
      if (gguf) await tryTo(() => describeAdapter(gguf, { key, bytes: 1, fileName: 'mutated' }))
      const pieces = gguf && (await tryTo(() => planAdapter(gguf, base.gguf, range)))
      if (gguf === undefined) counts.unread++
      else if (pieces === undefined) counts.refused++
      else {
        counts.carved++
        const carved = await readModel(assemble(pieces, bytes))
        const part = await readModel(assemble(planRange(base.gguf, range), base.bytes))
        const whole = { first: 0, end: range.end - range.first }
        // The part fits the carved layers, and is canonical: carved again it is the same.
        const again = planAdapter(carved.gguf, part.gguf, whole)
        expect(again && assemble(again, carved.bytes).equals(carved.bytes)).toBe(true)
      }
    }
    expect(Math.min(...Object.values(counts))).toBeGreaterThan(10)
  }
)
