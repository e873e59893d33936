import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { SkeinError } from '#contract/errors.ts'
import { Stage } from '#engine/child/stage.ts'
import { planAdapter } from '#model/adapter/carve-adapter.ts'
import { readGguf, type Gguf } from '#model/gguf.ts'
import { assemble } from '#test/support/models/assemble.ts'
import { MemorySource } from '#test/support/models/memory-source.ts'
import { mutateInPlace } from '#test/support/models/mutate.ts'
import { randomAdapterBytes } from '#test/support/models/random-adapter.ts'
import { randomModelBytes, type RandomModelSpec } from '#test/support/models/random-model.ts'
import { readModel } from '#test/support/models/read-model.ts'
import { temporaryFolder } from '#test/support/temporary-folder.ts'

const range = { first: 0, end: 2 }
/** Damaged adapters that come through the carver other than the intact one. */
const wanted = 12
const mostSeeds = 3000

const dense: RandomModelSpec = {
  architecture: 'llama',
  layers: range.end,
  width: 64,
  heads: 4,
  kvHeads: 2,
  headLength: 16,
  feedForward: 64,
  vocabulary: 32,
  type: 'Q8_0'
}
const withExperts = { ...dense, experts: 2, expertsUsed: 1, expertFeedForward: 64 }
const tied = { ...dense, architecture: 'qwen3', isTied: true }

/** Carved files of damaged adapters, no two alike: what llama.cpp gets to see of a stranger's file at worst. */
async function carvedDamage(intact: Buffer, model: Gguf): Promise<Buffer[]> {
  const { dataOffset } = await readGguf(new MemorySource(intact))
  const found = new Map<string, Buffer>()
  for (let seed = 0; seed < mostSeeds && found.size < wanted; seed++) {
    const header = mutateInPlace(intact.subarray(0, dataOffset), seed)
    const bytes = Buffer.concat([header, intact.subarray(dataOffset)])
    const carved = await carve(bytes, model)
    if (carved !== undefined) found.set(carved.toString('latin1'), carved)
  }
  return [...found.values()]
}

async function carve(bytes: Buffer, model: Gguf): Promise<Buffer | undefined> {
  try {
    const pieces = planAdapter(await readGguf(new MemorySource(bytes)), model, range)
    return pieces && assemble(pieces, bytes)
  } catch (error) {
    if (error instanceof SkeinError) return undefined
    throw error
  }
}

/** Loads and computes; whatever llama.cpp has to say against it must be an error, never an abort of the process. */
function tryOut(file: string, adapterFile: string): string {
  try {
    const config = { contextTokens: 64, slots: 1, batchTokens: 8, threads: 1 }
    const files = { file, adapterFile }
    const stage = Stage.load({ ...files, range, layers: range.end, device: 'cpu', ...config })
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

test.each([
  ['dense', dense],
  ['with experts', withExperts],
  ['whose embedding serves as head', tied]
])(
  'on a model (%s), a damaged and carved adapter computes, or fails with an error',
  async (_, spec) => {
    const model = await readModel(randomModelBytes(spec))
    const folder = temporaryFolder()
    const [file, adapterFile] = [path.join(folder, 'model.gguf'), path.join(folder, 'adapter.gguf')]
    await writeFile(file, model.bytes)
    const damaged = await carvedDamage(randomAdapterBytes(spec, { rank: 4 }), model.gguf)
    expect(damaged.length).toBeGreaterThan(wanted / 2)
    const outcomes: string[] = []
    for (const adapter of damaged) {
      await writeFile(adapterFile, adapter)
      outcomes.push(tryOut(file, adapterFile))
    }
    expect(outcomes).toContain('computed')
  }
)
