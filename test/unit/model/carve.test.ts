import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { LayerRange } from '#contract/model.ts'
import { carveRange, carveVocabulary, rangesOf, type CarveOptions } from '#model/carve.ts'
import type { BuiltEntry } from '#test/support/models/gguf-builder.ts'
import { parityModels } from '#test/support/models/parity-models.ts'
import { randomModelBytes, type RandomModelSpec } from '#test/support/models/random-model.ts'
import {
  metadataValues,
  readModel,
  readModelFile,
  tensorContents,
  type ModelInMemory
} from '#test/support/models/read-model.ts'
import { tinyTokenizer } from '#test/support/models/tokenizer.ts'
import { temporaryFolder } from '#test/support/temporary-folder.ts'

const vocabulary = 300
const spec: RandomModelSpec = {
  architecture: 'llama',
  layers: 6,
  width: 64,
  heads: 4,
  kvHeads: 2,
  headLength: 16,
  feedForward: 96,
  vocabulary,
  type: 'Q8_0',
  tokenizer: tinyTokenizer(vocabulary),
  metadata: [
    ['feed_forward_length', 'array', 'i32', [96, 96, 96, 96, 96, 96]],
    ['attention.head_count_kv', 'array', 'u32', [2, 2, 2, 2, 2, 2]],
    ['rope.freq_base', 'f32', 500_000],
    ['something.else', 'u32', 7]
  ]
}

function model(overrides: Partial<RandomModelSpec> = {}): Promise<ModelInMemory> {
  return readModel(randomModelBytes({ ...spec, ...overrides }))
}

async function carve(
  { source, gguf }: ModelInMemory,
  range: LayerRange,
  options: CarveOptions = {}
): Promise<ModelInMemory> {
  const path = join(temporaryFolder(), 'carved.gguf')
  const carved = await carveRange(source, gguf, range, path, options)
  expect(carved.path).toBe(path)
  const read = await readModelFile(path)
  expect(read.bytes.length).toBe(carved.bytes)
  return read
}

function tensorNames({ gguf }: ModelInMemory): string[] {
  return gguf.tensors.map(({ name }) => name)
}

function isHollow(read: ModelInMemory, name: string): boolean {
  return (
    tensorContents(read)
      .get(name)
      ?.every((byte) => byte === 0) ?? false
  )
}

describe('a carved range', () => {
  test('holds its own layers, renumbered, byte for byte', async () => {
    const whole = await model()
    const middle = await carve(whole, { first: 2, end: 4 })
    const expected = tensorContents(whole)
    const found = tensorContents(middle)
    const names = tensorNames(middle).filter((name) => name.startsWith('blk.'))
    expect(names).toHaveLength(2 * 9)
    for (const name of names) {
      const original = name.replace(/^blk\.(\d+)/, (_, layer) => `blk.${Number(layer) + 2}`)
      expect(found.get(name)).toEqual(expected.get(original))
    }
  })

  test('keeps the metadata that its architecture reads, cut to its layers, and no tokenizer', async () => {
    const { gguf } = await carve(await model(), { first: 2, end: 4 })
    expect(metadataValues(gguf)).toEqual({
      'general.architecture': 'llama',
      'llama.block_count': 2,
      'llama.vocab_size': 1,
      'llama.context_length': 2048,
      'llama.embedding_length': 64,
      'llama.feed_forward_length': [96, 96],
      'llama.attention.head_count': 4,
      'llama.attention.head_count_kv': [2, 2],
      'llama.attention.key_length': 16,
      'llama.attention.value_length': 16,
      'llama.attention.layer_norm_rms_epsilon': Math.fround(1e-5),
      'llama.rope.dimension_count': 16,
      'llama.rope.freq_base': 500_000,
      'tokenizer.ggml.model': 'no_vocab'
    })
  })

  test('has a vocabulary of one in the middle, and the whole one where tokens come in or go out', async () => {
    const whole = await model()
    const parts = [
      { first: 0, end: 2 },
      { first: 2, end: 4 },
      { first: 4, end: 6 }
    ]
    const shapes: unknown[] = []
    for (const range of parts) {
      const part = await carve(whole, range)
      const named = new Map(part.gguf.tensors.map((tensor) => [tensor.name, tensor]))
      const describeTensor = (name: string): unknown => [
        named.get(name)?.shape,
        isHollow(part, name) ? 'hollow' : 'real'
      ]
      shapes.push([describeTensor('token_embd.weight'), describeTensor('output.weight')])
    }
    expect(shapes).toEqual([
      [
        [[64, vocabulary], 'real'],
        [[64, vocabulary], 'hollow']
      ],
      [
        [[64, 1], 'hollow'],
        [[64, 1], 'hollow']
      ],
      [
        [[64, vocabulary], 'hollow'],
        [[64, vocabulary], 'real']
      ]
    ])
  })

  test('at the end keeps the embedding where it is the head', async () => {
    const tail = await carve(await model({ isTied: true }), { first: 4, end: 6 })
    expect(tensorNames(tail)).not.toContain('output.weight')
    expect(isHollow(tail, 'token_embd.weight')).toBe(false)
  })

  test('of all layers equals the model', async () => {
    const whole = await model()
    const carved = await carve(whole, { first: 0, end: 6 })
    expect(new Map([...tensorContents(carved)].toSorted())).toEqual(
      new Map([...tensorContents(whole)].toSorted())
    )
    const again = await carve(carved, { first: 0, end: 6 })
    expect(again.bytes.equals(carved.bytes)).toBe(true)
  })

  test('is the same file every time', async () => {
    const whole = await model()
    const range = { first: 0, end: 3 }
    expect((await carve(whole, range)).bytes.equals((await carve(whole, range)).bytes)).toBe(true)
  })

  test('keeps the factors that every range needs', async () => {
    const scaled = await model({ optionalTensors: ['rope_freqs.weight'] })
    const middle = await carve(scaled, { first: 2, end: 4 })
    expect(tensorContents(middle).get('rope_freqs.weight')).toEqual(
      tensorContents(scaled).get('rope_freqs.weight')
    )
  })
})

describe('carving', () => {
  test('reads only what the range is made of, in small pieces', async () => {
    const whole = await model({ feedForward: 32_768, metadata: [] })
    const range = { first: 2, end: 3 }
    await carve(whole, range)
    const needed = rangesOf(whole.gguf, range).reduce((total, { bytes }) => total + bytes, 0)
    expect(whole.source.bytesRead).toBe(needed - whole.gguf.dataOffset)
    expect(whole.source.bytesRead).toBeLessThan(whole.bytes.length / 5)
    expect(whole.source.longestRead).toBeLessThanOrEqual(1024 * 1024)
  })

  test('works from the named ranges alone', async () => {
    const whole = await model()
    const range = { first: 4, end: 6 }
    const partial = Buffer.alloc(whole.bytes.length, 0xee)
    const ranges = rangesOf(whole.gguf, range)
    for (const { offset, bytes } of ranges) {
      whole.bytes.copy(partial, offset, offset, offset + bytes)
    }
    expect(ranges[0]?.offset).toBe(0)
    const carved = await carve(await readModel(partial), range)
    expect(carved.bytes.equals((await carve(whole, range)).bytes)).toBe(true)
  })

  test('reports its progress up to the end', async () => {
    const seen: [number, number][] = []
    const onProgress = (done: number, total: number): void => void seen.push([done, total])
    const { bytes } = await carve(await model(), { first: 0, end: 6 }, { onProgress })
    expect(seen.every(([done, total]) => done <= total && total === bytes.length)).toBe(true)
    expect(seen.map(([done]) => done)).toEqual(seen.map(([done]) => done).toSorted((a, b) => a - b))
  })

  test('leaves nothing behind when it is cancelled midway or the source fails', async () => {
    const whole = await model()
    const folder = temporaryFolder()
    const path = join(folder, 'carved.gguf')
    const abort = new AbortController()
    const options = { signal: abort.signal, onProgress: () => abort.abort() }
    const range = { first: 0, end: 6 }
    const cancelled = carveRange(whole.source, whole.gguf, range, path, options)
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' })
    const shorter = await readModel(whole.bytes)
    Object.assign(shorter.source, { size: whole.gguf.dataOffset + 10 })
    const truncated = carveRange(shorter.source, whole.gguf, range, path)
    await expect(truncated).rejects.toMatchObject({ code: 'gguf-truncated' })
    expect(await readdir(folder)).toEqual([])
  })

  test('replaces the file of before only when the new one is whole', async () => {
    const whole = await model()
    const path = join(temporaryFolder(), 'carved.gguf')
    await writeFile(path, 'before')
    const signal = AbortSignal.abort()
    const cancelled = carveRange(whole.source, whole.gguf, { first: 0, end: 6 }, path, { signal })
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' })
    expect(await readFile(path, 'utf8')).toBe('before')
  })

  test('clears away what a killed process left behind, and nothing else', async () => {
    const whole = await model()
    const folder = temporaryFolder()
    const path = join(folder, '0-6.gguf')
    // No process has the first number, and this one is alive.
    const names = [
      '0-6.gguf.4194305-0123456789ab.partial',
      `0-6.gguf.${process.pid}-0123456789ab.partial`,
      '0-6.gguf.note',
      '2-6.gguf.4194305-0123456789ab.partial'
    ]
    for (const name of names) await writeFile(join(folder, name), '')
    const range = { first: 0, end: 6 }
    const both = [1, 2].map(() => carveRange(whole.source, whole.gguf, range, path))
    await Promise.all(both)
    expect((await readdir(folder)).toSorted()).toEqual(['0-6.gguf', ...names.slice(1)].toSorted())
  })

  test('says so when it cannot write', async () => {
    const whole = await model()
    const path = join(temporaryFolder(), 'missing', 'carved.gguf')
    const carved = carveRange(whole.source, whole.gguf, { first: 0, end: 6 }, path)
    await expect(carved).rejects.toMatchObject({ code: 'model-not-written' })
  })
})

describe('ranges', () => {
  test.each([
    { first: 0, end: 7 },
    { first: 6, end: 7 },
    { first: 3, end: 3 },
    { first: 4, end: 2 },
    { first: -1, end: 2 },
    { first: 0.5, end: 2 }
  ])('[$first, $end) of 6 is refused', async (range) => {
    const { gguf } = await model()
    expect(() => rangesOf(gguf, range)).toThrow(
      expect.objectContaining({ code: 'range-not-allowed' })
    )
  })

  test('that begin inside a period are refused', async () => {
    const gptOss = parityModels['gpt-oss']
    if (gptOss === undefined) throw new RangeError('gpt-oss')
    const { gguf } = await readModel(randomModelBytes(gptOss))
    expect(() => rangesOf(gguf, { first: 0, end: 3 })).toThrow(
      expect.objectContaining({ code: 'range-not-allowed' })
    )
    expect(rangesOf(gguf, { first: 2, end: 4 }).length).toBeGreaterThan(0)
  })
})

function tokensOf(tokenizer: readonly BuiltEntry[]): readonly string[] {
  const [, , , tokens = []] = tokenizer.find(([key]) => key === 'tokenizer.ggml.tokens') ?? []
  return tokens.map(String)
}

describe('a vocabulary', () => {
  const tokens = tokensOf(tinyTokenizer(vocabulary))
  const withLast = (...last: readonly string[]): readonly string[] => [
    ...tokens.slice(0, -last.length),
    ...last
  ]

  async function carveTokenizer(tokenizer: readonly BuiltEntry[]): Promise<unknown> {
    const whole = await model({ tokenizer })
    const path = join(temporaryFolder(), 'vocabulary.gguf')
    await carveVocabulary(whole.source, whole.gguf, path)
    const { gguf } = await readModelFile(path)
    expect(gguf.tensors).toEqual([])
    return metadataValues(gguf)
  }

  test('is the tokenizer without tensors, and nothing else', async () => {
    const strange: BuiltEntry = ['tokenizer.ggml.precompiled_charsmap', 'array', 'u8', [1, 2]]
    const tokenizer = tinyTokenizer(vocabulary).map(([key, type, value, values]) => [
      key,
      type === 'array' ? values : value
    ])
    expect(await carveTokenizer([...tinyTokenizer(vocabulary), strange])).toEqual({
      'general.architecture': 'llama',
      ...Object.fromEntries(tokenizer),
      'tokenizer.ggml.tokens': '300 of string'
    })
  })

  test.each<[string, BuiltEntry]>([
    ['a token that stands twice', ['tokenizer.ggml.tokens', 'array', 'string', withLast('ä', 'ä')]],
    [
      'tokens that are the same up to a zero',
      ['tokenizer.ggml.tokens', 'array', 'string', withLast('a\0b', 'a\0c')]
    ],
    [
      'a token that spells the name of an empty one',
      ['tokenizer.ggml.tokens', 'array', 'string', withLast('[EMPTY_299]', '')]
    ],
    ['no token for a byte', ['tokenizer.ggml.tokens', 'array', 'string', tokens.with(20, 'other')]],
    ['fewer scores than tokens', ['tokenizer.ggml.scores', 'array', 'f32', [1, 2, 3]]],
    ['types that are no integers', ['tokenizer.ggml.token_type', 'array', 'f32', [1]]],
    ['a template of numbers', ['tokenizer.chat_template', 'u32', 1]],
    ['merges that are no text', ['tokenizer.ggml.merges', 'array', 'u32', [1]]]
  ])('with %s is refused', async (_, entry) => {
    const others = tinyTokenizer(vocabulary).filter(([key]) => key !== entry[0])
    await expect(carveTokenizer([...others, entry])).rejects.toMatchObject({
      code: 'gguf-malformed'
    })
  })
})
