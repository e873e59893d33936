import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { modelKeySchema, type LayerRange, type ModelInfo } from '#contract/model.ts'
import { architectures } from '#model/architectures.ts'
import { openFileSource } from '#model/byte-source.ts'
import { carveRange } from '#model/carve.ts'
import { describeModel } from '#model/describe-model.ts'
import { readGguf } from '#model/gguf.ts'
import type { CarvedStage } from '#test/support/models/parity-chain.ts'
import { parityModels } from '#test/support/models/parity-models.ts'
import { firstDifference, logitsOf, split } from '#test/support/models/parity-scenario.ts'
import { writeRandomModel, type RandomModelSpec } from '#test/support/models/random-model.ts'

const key = modelKeySchema.parse('0'.repeat(64))

test('every architecture of the table has a model here', () => {
  const covered = new Set(Object.values(parityModels).map(({ architecture }) => architecture))
  expect([...covered].toSorted()).toEqual(architectures.map(({ name }) => name).toSorted())
})

/** Beside the random models, one that was trained: its values are not spread evenly. */
const embeddedModel = new URL('../../../resources/models/skein-tiny-q8_0.gguf', import.meta.url)
const models: readonly (readonly [name: string, from: RandomModelSpec | URL])[] = [
  ...Object.entries(parityModels),
  ['the embedded model', embeddedModel]
]

describe.each(models)('%s', (_, from) => {
  let folder: string
  let model: string
  let info: ModelInfo
  let whole: readonly Float32Array[]

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skein-parity-'))
    model = join(folder, 'model.gguf')
    await (from instanceof URL ? copyFile(from, model) : writeRandomModel(model, from))
    const source = await openFileSource(model)
    info = describeModel(await readGguf(source), { key, bytes: source.size, fileName: model })
    await source.close()
    whole = logitsOf([{ file: model, range: { first: 0, end: info.layers } }], info.layers)
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  async function carve(ranges: readonly LayerRange[]): Promise<CarvedStage[]> {
    const source = await openFileSource(model)
    try {
      const gguf = await readGguf(source)
      const stages: CarvedStage[] = []
      for (const range of ranges) {
        const file = join(folder, `${range.first}-${range.end}.gguf`)
        await carveRange(source, gguf, range, file)
        stages.push({ file, range })
      }
      return stages
    } finally {
      await source.close()
    }
  }

  test('has logits that tell rows apart', () => {
    const [row = new Float32Array(0), other = new Float32Array(0)] = whole
    const spread = Math.max(...row) - Math.min(...row)
    expect(row.every((value) => Number.isFinite(value))).toBe(true)
    expect(spread).toBeGreaterThan(1)
    expect(firstDifference([row], [other])).toBe(0)
  })

  test.each(['1', '2', '3', 'all'])(
    'split in %s gives the same logits bit for bit',
    async (parts) => {
      const count = parts === 'all' ? info.boundaries.length : Number(parts)
      const ranges = split(info, count)
      expect(ranges).toHaveLength(count)
      expect(firstDifference(whole, logitsOf(await carve(ranges), info.layers))).toBeUndefined()
    }
  )
})
