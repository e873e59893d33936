import { describe, expect, test } from 'vitest'
import { SkeinError } from '#contract/errors.ts'
import type { LayerRange } from '#contract/model.ts'
import { planRange } from '#model/carve-plan.ts'
import { readGguf, type Gguf } from '#model/gguf.ts'
import { assemble } from '#test/support/models/assemble.ts'
import { MemorySource } from '#test/support/models/memory-source.ts'
import { mutateInPlace } from '#test/support/models/mutate.ts'
import { parityModels } from '#test/support/models/parity-models.ts'
import { randomModelBytes, type RandomModelSpec } from '#test/support/models/random-model.ts'

const mutationsPerModel = 1500
const ranges: readonly LayerRange[] = [
  { first: 0, end: 6 },
  { first: 0, end: 2 },
  { first: 2, end: 4 },
  { first: 4, end: 6 }
]

/** Small enough to build thousands of; all have six layers and a boundary at each second one. */
function smallModel({ architecture, experts, optionalTensors, metadata }: RandomModelSpec): Buffer {
  return randomModelBytes({
    architecture,
    layers: 6,
    width: 64,
    heads: 2,
    kvHeads: 1,
    headLength: 32,
    feedForward: 32,
    vocabulary: 8,
    type: 'Q8_0',
    metadata: [
      ...(metadata ?? []).filter(([, type]) => type !== 'array'),
      ['attention.sliding_window_pattern', 'u32', 2]
    ],
    ...(experts !== undefined && { experts: 2, expertsUsed: 1, expertFeedForward: 32 }),
    ...(optionalTensors && { optionalTensors })
  })
}

async function tryTo<Value>(work: () => Value | Promise<Value>): Promise<Value | undefined> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof SkeinError && error.code !== 'internal') return undefined
    throw error
  }
}

function sixLayers(gguf: Gguf): boolean {
  return [...gguf.metadata].some(
    ([key, entry]) => key.endsWith('block_count') && entry.type !== 'array' && entry.value === 6
  )
}

describe.each(Object.entries(parityModels))('%s, damaged', (_, spec) => {
  const intact = smallModel(spec)

  test('is refused, or carved into a file that can be read and carved again', async () => {
    const { dataOffset } = await readGguf(new MemorySource(intact))
    const data = intact.subarray(dataOffset)
    const counts = { unread: 0, refused: 0, carved: 0 }
    for (let seed = 0; seed < mutationsPerModel; seed++) {
      const bytes = Buffer.concat([mutateInPlace(intact.subarray(0, dataOffset), seed), data])
      const gguf = await tryTo(() => readGguf(new MemorySource(bytes)))
      const range = ranges[seed % ranges.length] ?? { first: 0, end: 6 }
      const pieces = gguf && (await tryTo(() => planRange(gguf, range)))
      if (gguf === undefined) counts.unread++
      else if (pieces === undefined) counts.refused++
      else {
        counts.carved++
        const carvedBytes = assemble(pieces, bytes)
        const carved = await readGguf(new MemorySource(carvedBytes))
        const whole = { first: 0, end: range.end - range.first }
        expect(assemble(planRange(carved, whole), carvedBytes).equals(carvedBytes)).toBe(true)
        expect(sixLayers(carved)).toBe(whole.end === 6)
      }
    }
    expect(Math.min(...Object.values(counts))).toBeGreaterThan(10)
  })
})
