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
import { ParityChain, type CarvedStage } from '#test/support/models/parity-chain.ts'
import { parityModels } from '#test/support/models/parity-models.ts'
import { writeRandomModel, type RandomModelSpec } from '#test/support/models/random-model.ts'

const slots = 5
const prompt = [5, 17, 90, 33, 2, 77, 251, 8, 9, 10, 11]
const key = modelKeySchema.parse('0'.repeat(64))

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
function firstDifference(
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
function split({ layers, boundaries }: ModelInfo, parts: number): LayerRange[] {
  const first = (part: number): number =>
    boundaries[Math.floor((part * boundaries.length) / parts)] ?? layers
  return Array.from({ length: parts }, (_, part) => ({
    first: first(part),
    end: part === parts - 1 ? layers : first(part + 1)
  }))
}

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
  let whole: Float32Array[]

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skein-parity-'))
    model = join(folder, 'model.gguf')
    await (from instanceof URL ? copyFile(from, model) : writeRandomModel(model, from))
    const source = await openFileSource(model)
    info = describeModel(await readGguf(source), { key, bytes: source.size, fileName: model })
    await source.close()
    whole = logitsOf([{ file: model, range: { first: 0, end: info.layers } }])
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  function logitsOf(stages: readonly CarvedStage[]): Float32Array[] {
    const chain = new ParityChain(stages, info.layers, slots)
    try {
      return scenario(chain)
    } finally {
      chain.close()
    }
  }

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
      expect(firstDifference(whole, logitsOf(await carve(ranges)))).toBeUndefined()
    }
  )
})
