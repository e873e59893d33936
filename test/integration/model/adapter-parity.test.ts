import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { modelKeySchema, type LayerRange } from '#contract/model.ts'
import { carveAdapter } from '#model/adapter/carve-adapter.ts'
import { carveRange } from '#model/carve.ts'
import { describeModel } from '#model/describe-model.ts'
import type { CarvedStage } from '#test/support/models/parity-chain.ts'
import { parityModels } from '#test/support/models/parity-models.ts'
import { firstDifference, logitsOf, split } from '#test/support/models/parity-scenario.ts'
import { randomAdapterBytes, type RandomAdapterSpec } from '#test/support/models/random-adapter.ts'
import { randomModelBytes, type RandomModelSpec } from '#test/support/models/random-model.ts'
import { readModel, type ModelInMemory } from '#test/support/models/read-model.ts'
import { temporaryFolder } from '#test/support/temporary-folder.ts'

const key = modelKeySchema.parse('0'.repeat(64))

interface Case {
  readonly model: ModelInMemory
  readonly adapter: ModelInMemory
  readonly layers: number
  readonly ranges: (parts: number) => LayerRange[]
  /** Both files as they came, in one process. */
  readonly whole: CarvedStage
}

async function prepare(spec: RandomModelSpec, adapterSpec: RandomAdapterSpec): Promise<Case> {
  const folder = temporaryFolder()
  const [file, adapterFile] = [join(folder, 'model.gguf'), join(folder, 'adapter.gguf')]
  const model = await readModel(randomModelBytes(spec))
  const adapter = await readModel(randomAdapterBytes(spec, adapterSpec))
  await writeFile(file, model.bytes)
  await writeFile(adapterFile, adapter.bytes)
  const info = describeModel(model.gguf, { key, bytes: 1, fileName: file })
  return {
    model,
    adapter,
    layers: info.layers,
    ranges: (parts) => split(info, parts),
    whole: { file, adapterFile, range: { first: 0, end: info.layers } }
  }
}

/** A stage as a peer loads it: both files carved to its layers. */
async function carve({ model, adapter }: Case, range: LayerRange): Promise<CarvedStage> {
  const folder = temporaryFolder()
  const file = join(folder, 'layers.gguf')
  await carveRange(model.source, model.gguf, range, file)
  const target = join(folder, 'adapter.gguf')
  const part = await carveAdapter(adapter.source, adapter.gguf, model.gguf, range, target)
  return part === undefined ? { file, range } : { file, range, adapterFile: part.path }
}

function withoutAdapter({ file, range }: CarvedStage): CarvedStage {
  return { file, range }
}

describe.each(Object.entries(parityModels))('%s, with an adapter on every matrix', (_, spec) => {
  test('has the same logits in one process and split in 2 and 3, and others without', async () => {
    const it = await prepare(spec, { rank: 8, type: 'F16' })
    const whole = logitsOf([it.whole], it.layers)
    expect(whole.flatMap((row) => [...row]).every((value) => Number.isFinite(value))).toBe(true)
    expect(firstDifference(logitsOf([withoutAdapter(it.whole)], it.layers), whole)).toBe(0)

    for (const parts of [2, 3]) {
      const stages = await Promise.all(it.ranges(parts).map((range) => carve(it, range)))
      expect(firstDifference(whole, logitsOf(stages, it.layers))).toBeUndefined()
      // Every stage's part counts: without any one of them the chain is another model.
      for (const [index, stage] of stages.entries()) {
        const lacking = stages.with(index, withoutAdapter(stage))
        expect(firstDifference(whole, logitsOf(lacking, it.layers))).toBe(0)
      }
    }
  })
})

const dense = parityModels['llama F32']
if (dense === undefined) throw new RangeError('no model')
const kinds: readonly (readonly [string, RandomAdapterSpec])[] = [
  ['in float32, its scale given by alpha', { rank: 4, alpha: 10 }],
  ['in Q8_0', { rank: 32, type: 'Q8_0' }],
  ['without alpha', { rank: 8, alpha: 0 }],
  ['on the embedding only', { rank: 8, changes: (name) => name === 'token_embd.weight' }],
  ['on the head only', { rank: 8, changes: (name) => name === 'output.weight' }],
  ['on one layer only', { rank: 8, changes: (name) => name.startsWith('blk.3.ffn') }]
]
test.each(kinds)('an adapter %s has the same logits in one process and in two', async (_, kind) => {
  const it = await prepare(dense, kind)
  const whole = logitsOf([it.whole], it.layers)
  expect(firstDifference(logitsOf([withoutAdapter(it.whole)], it.layers), whole)).toBe(0)
  const stages = await Promise.all(it.ranges(2).map((range) => carve(it, range)))
  expect(firstDifference(whole, logitsOf(stages, it.layers))).toBeUndefined()
})
