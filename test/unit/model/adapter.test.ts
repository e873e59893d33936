import { describe, expect, test } from 'vitest'
import { adapted, adapterInfoSchema } from '#contract/adapter.ts'
import { modelInfoSchema, modelKeySchema } from '#contract/model.ts'
import { adapterRangesOf, planAdapter } from '#model/adapter/carve-adapter.ts'
import { checkAdapter } from '#model/adapter/check-adapter.ts'
import { describeAdapter } from '#model/adapter/describe-adapter.ts'
import { describeModel } from '#model/describe-model.ts'
import { tensorTypes } from '#model/tensor-types.ts'
import { assemble } from '#test/support/models/assemble.ts'
import { buildHeader, type BuiltEntry } from '#test/support/models/gguf-builder.ts'
import { randomAdapterBytes, type RandomAdapterSpec } from '#test/support/models/random-adapter.ts'
import {
  randomModelBytes,
  type EditTensors,
  type RandomModelSpec,
  type TensorSketch
} from '#test/support/models/random-model.ts'
import {
  metadataValues,
  readModel,
  tensorContents,
  type ModelInMemory
} from '#test/support/models/read-model.ts'

const key = modelKeySchema.parse('ab'.repeat(32))
const spec: RandomModelSpec = {
  architecture: 'llama',
  layers: 4,
  width: 64,
  heads: 4,
  kvHeads: 2,
  headLength: 16,
  feedForward: 96,
  vocabulary: 40,
  type: 'Q8_0'
}

function model(change: Partial<RandomModelSpec> = {}): Promise<ModelInMemory> {
  return readModel(randomModelBytes({ ...spec, ...change }))
}

function adapter(
  change: Partial<RandomAdapterSpec> = {},
  edit?: EditTensors,
  base = spec
): Promise<ModelInMemory> {
  return readModel(randomAdapterBytes(base, { rank: 8, ...change }, edit))
}

const ofAttention = (name: string): boolean => name.includes('attn_q.')

describe('a description of an adapter', () => {
  test('tells what it changes', async () => {
    const changes = (name: string): boolean => /^output|blk\.[13]\.attn_q/.test(name)
    const { gguf } = await adapter({ changes, alpha: 16 })
    const info = describeAdapter(gguf, { key, bytes: gguf.bytes, fileName: 'mine.gguf' })
    expect(info).toEqual({
      kind: 'adapter',
      key,
      name: 'Random adapter',
      architecture: 'llama',
      bytes: gguf.bytes,
      parameters: 2 * 8 * (64 + 64) + 8 * (64 + 40),
      rank: 8,
      alpha: 16,
      layers: [1, 3],
      changesEmbedding: false,
      changesHead: true,
      ignoredTensors: 0
    })
    expect(adapterInfoSchema.safeParse(info).success).toBe(true)
  })

  test('is no model’s, and a model’s is no adapter’s', async () => {
    const [one, other] = [await adapter(), await model()]
    const origin = { key, bytes: 1, fileName: 'file.gguf' }
    expect(() => describeModel(one.gguf, origin)).toThrow('model-is-adapter')
    expect(() => describeAdapter(other.gguf, origin)).toThrow('adapter-invalid')
  })

  test('names the model with it', async () => {
    const { gguf } = await model()
    const info = describeModel(gguf, { key, bytes: 1, fileName: 'file.gguf' })
    const both = adapted(info, { key: modelKeySchema.parse('cd'.repeat(32)), name: 'Pirate' })
    expect(both).toMatchObject({ key, name: 'Random llama+Pirate', adapter: 'cd'.repeat(32) })
    expect(modelInfoSchema.safeParse(both).success).toBe(true)
  })
})

describe('the part of an adapter for a range', () => {
  async function carve(
    whole: ModelInMemory,
    first: number,
    end: number
  ): Promise<ModelInMemory | undefined> {
    const pieces = planAdapter(whole.gguf, (await model()).gguf, { first, end })
    return pieces && readModel(assemble(pieces, whole.bytes))
  }

  test('holds the pairs of its layers, renumbered, byte for byte, and no metadata but its own', async () => {
    const whole = await adapter({ alpha: 4, metadata: [['general.author', 'string', 'me']] })
    const middle = await carve(whole, 1, 3)
    if (middle === undefined) throw new Error('nothing carved')
    const expected = tensorContents(whole)
    const found = tensorContents(middle)
    expect(found.size).toBe(2 * 7 * 2)
    for (const [name, bytes] of found) {
      const original = name.replace(/^blk\.(\d)/, (_, layer) => `blk.${Number(layer) + 1}`)
      expect(bytes).toEqual(expected.get(original))
    }
    expect(metadataValues(middle.gguf)).toEqual({
      'general.type': 'adapter',
      'general.architecture': 'llama',
      'adapter.type': 'lora',
      'adapter.lora.alpha': 4
    })
  })

  test('has the embedding’s pair first and the head’s last, and none of them between', async () => {
    const whole = await adapter()
    const names = await Promise.all(
      [0, 1, 3].map(async (first) => {
        const part = await carve(whole, first, first + 1)
        return part?.gguf.tensors.map(({ name }) => name).filter((name) => !name.startsWith('blk.'))
      })
    )
    const pair = (target: string): string[] => [`${target}.lora_a`, `${target}.lora_b`]
    expect(names).toEqual([pair('token_embd.weight'), [], pair('output.weight')])
  })

  test('is nothing where it changes nothing', async () => {
    const whole = await adapter({ changes: (name) => name.startsWith('blk.2.') })
    expect(await carve(whole, 0, 2)).toBeUndefined()
    expect(await carve(whole, 2, 3)).toBeDefined()
    const { gguf } = await model()
    const [header, ...rest] = adapterRangesOf(whole.gguf, gguf, { first: 0, end: 2 })
    expect(header).toEqual({ offset: 0, bytes: whole.gguf.dataOffset })
    expect(rest).toEqual([])
  })

  test('is fetched by its header and its own bytes', async () => {
    const whole = await adapter()
    const ranges = adapterRangesOf(whole.gguf, (await model()).gguf, { first: 1, end: 2 })
    const bytes = ranges.reduce((sum, range) => sum + range.bytes, 0)
    const own = whole.gguf.tensors.filter(({ name }) => name.startsWith('blk.1.'))
    const expected = own.reduce((sum, tensor) => sum + tensor.bytes, whole.gguf.dataOffset)
    expect(bytes).toBe(expected)
  })

  test('leaves the norms of the file behind, as llama.cpp does', async () => {
    const norm: TensorSketch = { name: 'blk.0.attn_norm.weight', shape: [64] }
    const whole = await adapter({}, (tensors) => [...tensors, norm])
    const info = describeAdapter(whole.gguf, { key, bytes: 1, fileName: 'mine.gguf' })
    expect(info.ignoredTensors).toBe(1)
    const names = (await carve(whole, 0, 4))?.gguf.tensors.map(({ name }) => name)
    expect(names).not.toContain(norm.name)
    expect(names).toHaveLength(whole.gguf.tensors.length - 1)
  })

  test('ends with the model', async () => {
    await expect(carve(await adapter(), 2, 5)).rejects.toMatchObject({ code: 'range-not-allowed' })
  })
})

/** Changes the one tensor whose name ends so. */
function editing(end: string, change: Partial<TensorSketch>): EditTensors {
  return (tensors) => tensors.map((it) => (it.name.endsWith(end) ? { ...it, ...change } : it))
}

const without =
  (end: string): EditTensors =>
  (tensors) =>
    tensors.filter(({ name }) => !name.endsWith(end))

describe('an adapter is refused that', () => {
  const q = 'blk.0.attn_q.weight'
  const rows: readonly (readonly [string, string, EditTensors])[] = [
    ['has lora_a without lora_b', 'adapter-invalid', without(`${q}.lora_b`)],
    ['has lora_b without lora_a', 'adapter-invalid', without(`${q}.lora_a`)],
    ['changes nothing', 'adapter-invalid', () => []],
    [
      'has matrices of two ranks in one pair',
      'adapter-invalid',
      editing(`${q}.lora_a`, { shape: [64, 4] })
    ],
    ['takes another width', 'adapter-mismatch', editing(`${q}.lora_a`, { shape: [32, 8] })],
    ['gives another width', 'adapter-mismatch', editing(`${q}.lora_b`, { shape: [8, 32] })],
    ['has a cube', 'adapter-mismatch', editing(`${q}.lora_b`, { shape: [8, 64, 2] })],
    [
      'has a pair of a type without kernels',
      'adapter-invalid',
      editing(`${q}.lora_a`, { type: tensorTypes.I32 })
    ],
    [
      'changes a layer that does not exist',
      'adapter-mismatch',
      (tensors) =>
        tensors.map((it) => ({ ...it, name: it.name.replace('blk.3.attn_q', 'blk.4.attn_q') }))
    ],
    [
      'changes a matrix that does not exist',
      'adapter-mismatch',
      (tensors) => tensors.map((it) => ({ ...it, name: it.name.replace('attn_q.', 'attn_z.') }))
    ],
    [
      'changes a bias',
      'adapter-unsupported',
      (tensors) =>
        tensors.map((it) => ({ ...it, name: it.name.replace('attn_q.weight', 'attn_q.bias') }))
    ],
    [
      'changes a norm',
      'adapter-unsupported',
      (tensors) => tensors.map((it) => ({ ...it, name: it.name.replace('attn_q.', 'attn_norm.') }))
    ],
    [
      'holds a whole matrix',
      'adapter-unsupported',
      (tensors) => [...tensors, { name: q, shape: [64, 64] }]
    ]
  ]
  test.each(rows)('%s', async (_, code, edit) => {
    const { gguf } = await adapter({ changes: ofAttention }, edit)
    const base = await model()
    expect(() => checkAdapter(gguf, base.gguf)).toThrow(expect.objectContaining({ code }))
  })

  const entries: readonly (readonly [string, string, BuiltEntry])[] = [
    ['has no alpha that is a number', 'adapter-invalid', ['adapter.lora.alpha', 'f32', NaN]],
    ['has no end to its alpha', 'adapter-invalid', ['adapter.lora.alpha', 'f32', Infinity]],
    ['has an alpha of another type', 'adapter-invalid', ['adapter.lora.alpha', 'u32', 8]],
    ['is no LoRA', 'adapter-unsupported', ['adapter.type', 'string', 'control_vector']],
    [
      'waits for certain tokens',
      'adapter-unsupported',
      ['adapter.alora.invocation_tokens', 'array', 'u32', [1, 2]]
    ],
    [
      'is for another architecture',
      'adapter-mismatch',
      ['general.architecture', 'string', 'qwen3']
    ],
    ['is a model', 'adapter-invalid', ['general.type', 'string', 'model']]
  ]
  test.each(entries)('%s', async (_, code, entry) => {
    const { gguf } = await adapter({ changes: ofAttention, metadata: [entry] })
    const base = await model()
    expect(() => checkAdapter(gguf, base.gguf)).toThrow(expect.objectContaining({ code }))
  })

  test('has a rank of 0, or is cut off', async () => {
    const empty = [
      { name: `${q}.lora_a`, typeId: 0, shape: [64, 0], offset: 0 },
      { name: `${q}.lora_b`, typeId: 0, shape: [0, 64], offset: 0 }
    ]
    const rankless = buildHeader({ metadata: [], tensors: empty })
    await expect(readModel(rankless)).rejects.toMatchObject({ code: 'gguf-tensor-invalid' })
    const bytes = randomAdapterBytes(spec, { rank: 8 })
    await expect(readModel(bytes.subarray(0, bytes.length - 64))).rejects.toMatchObject({
      code: 'gguf-truncated'
    })
  })

  test('has a rank beyond all measure', async () => {
    const { gguf } = await adapter({ rank: 5000, changes: (name) => name === q })
    const base = await model()
    expect(() => checkAdapter(gguf, base.gguf)).toThrow('rank 5000')
  })

  test('changes the embedding of a model that uses it as head', async () => {
    const { gguf } = await adapter()
    const base = await model({ isTied: true })
    const onEmbedding = await adapter({ changes: (name) => name === 'token_embd.weight' })
    expect(() => checkAdapter(onEmbedding.gguf, base.gguf)).toThrow('adapter-unsupported')
    expect(() => checkAdapter(gguf, base.gguf)).toThrow(/adapter-(mismatch|unsupported)/)
  })

  // llama.cpp would abort: it applies the scale of such weights behind the adapter.
  test('changes NVFP4 weights', async () => {
    const { gguf } = await adapter({ changes: (name) => name.includes('ffn_up') })
    const nvfp4: EditTensors = (tensors) =>
      tensors.map((it) =>
        it.name.includes('ffn_up') ? { ...it, shape: [64, 96], type: tensorTypes.NVFP4 } : it
      )
    const base = await readModel(randomModelBytes(spec, nvfp4))
    expect(() => checkAdapter(gguf, base.gguf)).toThrow('NVFP4')
  })

  test('has fewer experts than its model', async () => {
    const experts = { ...spec, experts: 4, expertsUsed: 2, expertFeedForward: 32 }
    const base = await model(experts)
    const fits = await adapter({}, undefined, experts)
    expect(checkAdapter(fits.gguf, base.gguf).perLayer[0]).toHaveLength(8)
    const fewer = await adapter({}, undefined, { ...experts, experts: 3 })
    expect(() => checkAdapter(fewer.gguf, base.gguf)).toThrow('adapter-mismatch')
  })

  test('is for a model of an architecture without a row', async () => {
    const rename: BuiltEntry = ['general.architecture', 'string', 'mamba']
    const { gguf } = await adapter({ metadata: [rename] })
    const bytes = randomModelBytes(spec).toString('latin1').replaceAll('llama', 'mamba')
    const base = await readModel(Buffer.from(bytes, 'latin1'))
    expect(() => checkAdapter(gguf, base.gguf)).toThrow('adapter-unsupported')
  })
})
