import { describe, expect, test } from 'vitest'
import { errorTexts } from '#contract/errors.ts'
import { modelInfoSchema, modelKeySchema, type ModelInfo } from '#contract/model.ts'
import { planRange } from '#model/carve-plan.ts'
import { rangesOf } from '#model/carve.ts'
import { describeModel } from '#model/describe-model.ts'
import { readGguf, type Gguf } from '#model/gguf.ts'
import { assemble } from '#test/support/models/assemble.ts'
import { buildHeader, type BuiltEntry } from '#test/support/models/gguf-builder.ts'
import { MemorySource } from '#test/support/models/memory-source.ts'
import { parityModels } from '#test/support/models/parity-models.ts'
import { randomModelBytes, type RandomModelSpec } from '#test/support/models/random-model.ts'
import { metadataValues, readModel, tensorContents } from '#test/support/models/read-model.ts'
import { tinyTokenizer } from '#test/support/models/tokenizer.ts'

const key = modelKeySchema.parse('ab'.repeat(32))

function describeFile(gguf: Gguf): ModelInfo {
  return describeModel(gguf, { key, bytes: gguf.bytes, fileName: 'file.gguf' })
}

async function describeSpec(spec: RandomModelSpec): Promise<ModelInfo> {
  return describeFile(await readGguf(new MemorySource(randomModelBytes(spec))))
}

function parityModel(name: string): RandomModelSpec {
  const spec = parityModels[name]
  if (spec === undefined) throw new RangeError(name)
  return spec
}

describe('a description', () => {
  test('counts what the file holds', async () => {
    const spec = {
      ...parityModel('llama F32'),
      type: 'Q4_0',
      tokenizer: tinyTokenizer(300)
    } as const
    const info = await describeSpec(spec)
    const perLayer = 2 * 128 + 2 * 128 * 128 + 2 * 128 * 64 + 3 * 128 * 192
    expect(info).toEqual({
      key,
      name: 'Random llama',
      architecture: 'llama',
      layers: 6,
      width: 128,
      vocabularySize: 300,
      contextLength: 2048,
      bytes: randomModelBytes(spec).length,
      parameters: 2 * 128 * 300 + 128 + 6 * perLayer,
      quantisation: 'Q4_0',
      boundaries: [0, 1, 2, 3, 4, 5]
    })
    expect(modelInfoSchema.safeParse(info).success).toBe(true)
  })

  test('has a name that is safe to show, or the file name', async () => {
    const named = async (name: string): Promise<string> => {
      const general: readonly BuiltEntry[] = [['llama.vocab_size', 'u32', 300]]
      const bytes = randomModelBytes({ ...parityModel('llama F32'), tokenizer: general, name })
      return describeFile(await readGguf(new MemorySource(bytes))).name
    }
    expect(await named('Tiny\u001b[31m\n\u202eLlama ')).toBe('Tiny[31mLlama')
    expect(await named(' \u0000 ')).toBe('file.gguf')
    expect(await named('x'.repeat(1000))).toHaveLength(200)
  })

  test('names where sliding windows allow a cut', async () => {
    const boundaries = async (name: string, metadata: RandomModelSpec['metadata']) => {
      const spec = parityModel(name)
      return (
        await describeSpec({ ...spec, metadata: [...(spec.metadata ?? []), ...(metadata ?? [])] })
      ).boundaries
    }
    const pattern = 'attention.sliding_window_pattern'
    const gemma = 'gemma3, pattern not in the file'
    expect(await boundaries('gpt-oss', [])).toEqual([0, 2, 4])
    expect(await boundaries('gpt-oss', [[pattern, 'u32', 3]])).toEqual([0, 3])
    expect(await boundaries(gemma, [])).toEqual([0, 6, 12])
    expect(await boundaries(gemma, [[pattern, 'u32', 1]])).toHaveLength(13)
    // llama.cpp reads no array here.
    expect(await boundaries(gemma, [[pattern, 'array', 'bool', [true, false]]])).toEqual([0, 6, 12])
  })

  test('allows no cut where the rotation depends on the context of a stage', async () => {
    const optionalTensors = ['rope_factors_long.weight', 'rope_factors_short.weight']
    const spec = { ...parityModel('llama F32'), optionalTensors }
    expect((await describeSpec(spec)).boundaries).toEqual([0])
  })

  test('of the Gemma whose attention llama.cpp scales by its number of layers allows no cut', async () => {
    const spec = {
      ...parityModel('gemma3, pattern not in the file'),
      width: 32,
      heads: 1,
      kvHeads: 1
    }
    expect((await describeSpec({ ...spec, feedForward: 32, layers: 62 })).boundaries).toEqual([0])
  })
})

describe('an architecture without a row', () => {
  const header = buildHeader({
    metadata: [
      ['general.architecture', 'string', 'novel'],
      ['novel.block_count', 'u32', 3],
      ['novel.embedding_length', 'u32', 8],
      ['novel.context_length', 'u32', 128],
      ['novel.vocab_size', 'u32', 10]
    ],
    tensors: [{ name: 'anything', typeId: 0, shape: [8], offset: 0 }]
  })
  const file = Buffer.concat([header, Buffer.alloc(32, 7)])
  const source = new MemorySource(file)

  test('is described by its file name, and served whole only', async () => {
    const gguf = await readGguf(source)
    expect(describeFile(gguf)).toMatchObject({
      name: 'file.gguf',
      architecture: 'novel',
      boundaries: [0]
    })
    const whole = { first: 0, end: 3 }
    expect(rangesOf(gguf, whole)).toHaveLength(1)
    const carved = await readModel(assemble(planRange(gguf, whole), file))
    expect(metadataValues(carved.gguf)).toEqual(metadataValues(gguf))
    expect(tensorContents(carved)).toEqual(tensorContents({ bytes: file, gguf, source }))
    expect(() => rangesOf(gguf, { first: 0, end: 2 })).toThrow(
      expect.objectContaining({ code: 'architecture-not-splittable', detail: 'novel' })
    )
    expect(errorTexts['architecture-not-splittable'].sentence).toContain('whole only')
  })
})
