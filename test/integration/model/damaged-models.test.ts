import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { SkeinError } from '#contract/errors.ts'
import { Stage } from '#engine/child/stage.ts'
import { architectureNamed } from '#model/architectures.ts'
import { planRange } from '#model/carve-plan.ts'
import { readGguf } from '#model/gguf.ts'
import { assemble } from '#test/support/models/assemble.ts'
import { MemorySource } from '#test/support/models/memory-source.ts'
import { mutateInPlace } from '#test/support/models/mutate.ts'
import { parityModels } from '#test/support/models/parity-models.ts'
import { randomModelBytes } from '#test/support/models/random-model.ts'
import { temporaryFolder } from '#test/support/temporary-folder.ts'

const range = { first: 0, end: 2 }
/** Damaged models per architecture that come through the carver with other metadata than the intact one. */
const wanted = 12
const mostSeeds = 3000

/** Carved files of damaged models, no two alike: what llama.cpp gets to see of a stranger's file at worst. */
async function carvedDamage(intact: Buffer): Promise<Buffer[]> {
  const { dataOffset } = await readGguf(new MemorySource(intact))
  const found = new Map<string, Buffer>()
  for (let seed = 0; seed < mostSeeds && found.size < wanted; seed++) {
    const header = mutateInPlace(intact.subarray(0, dataOffset), seed)
    const bytes = Buffer.concat([header, intact.subarray(dataOffset)])
    const carved = await carve(bytes)
    if (carved !== undefined) found.set(carved.toString('latin1'), carved)
  }
  return [...found.values()]
}

async function carve(bytes: Buffer): Promise<Buffer | undefined> {
  try {
    return assemble(planRange(await readGguf(new MemorySource(bytes)), range), bytes)
  } catch (error) {
    if (error instanceof SkeinError) return undefined
    throw error
  }
}

/** Loads and computes; whatever llama.cpp has to say against it must be an error, never an abort of the process. */
function tryOut(file: string): string {
  try {
    const config = { contextTokens: 64, slots: 1, batchTokens: 8, threads: 1 }
    const stage = Stage.load({ file, range, layers: range.end, device: 'cpu', ...config })
    try {
      stage.openSlot(16)
      const input = { kind: 'tokens', tokens: Int32Array.of(1, 2, 3) } as const
      stage.run([{ slot: 0, position: 0, input, rows: 3, outputRows: 1, topK: 1 }])
      return 'computed'
    } finally {
      stage.close()
    }
  } catch (error) {
    if (error instanceof SkeinError) return error.code
    throw error
  }
}

describe.each(Object.entries(parityModels))('%s, damaged and carved', (_, spec) => {
  test('loads and computes, or fails with an error', async () => {
    const { architecture, experts, optionalTensors, metadata } = spec
    const headsFillWidth = architectureNamed(architecture)?.headsFillWidth === true
    const intact = randomModelBytes({
      architecture,
      layers: range.end,
      width: 64,
      heads: 4,
      kvHeads: 2,
      headLength: headsFillWidth ? 16 : 32,
      feedForward: 64,
      vocabulary: 32,
      type: 'Q8_0',
      metadata: (metadata ?? []).filter(([, type]) => type !== 'array'),
      ...(experts !== undefined && { experts: 2, expertsUsed: 1, expertFeedForward: 64 }),
      ...(optionalTensors && { optionalTensors })
    })
    const file = join(temporaryFolder(), 'damaged.gguf')
    const outcomes: string[] = []
    for (const carved of await carvedDamage(intact)) {
      await writeFile(file, carved)
      outcomes.push(tryOut(file))
    }
    expect(outcomes).toContain('computed')
  })
})
