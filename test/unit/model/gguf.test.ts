import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readGguf } from '#model/gguf.ts'
import { ggufLimits } from '#model/gguf-limits.ts'
import {
  buildHeader,
  type BuiltEntry,
  type BuiltHeader,
  type BuiltTensor
} from '#test/support/models/gguf-builder.ts'
import { MemorySource } from '#test/support/models/memory-source.ts'

const dataBytes = 1024
const oneTensor: BuiltTensor = { name: 'a.weight', typeId: 0, shape: [8, 4], offset: 0 }

function file(header: Partial<BuiltHeader>): MemorySource {
  const bytes = buildHeader({ metadata: [], tensors: [], ...header })
  return new MemorySource(Buffer.concat([bytes, Buffer.alloc(dataBytes)]))
}

function withTensors(...tensors: readonly Partial<BuiltTensor>[]): MemorySource {
  return file({ tensors: tensors.map((tensor) => ({ ...oneTensor, ...tensor })) })
}

function withMetadata(...metadata: readonly BuiltEntry[]): MemorySource {
  return file({ metadata })
}

/** A file of one entry whose raw bytes after the key are `raw`. */
function withRawValue(raw: Buffer): MemorySource {
  const key = Buffer.alloc(9)
  key.writeBigUInt64LE(1n)
  key.write('k', 8)
  const start = Buffer.alloc(24)
  start.write('GGUF')
  start.writeUInt32LE(3, 4)
  start.writeBigUInt64LE(1n, 16)
  return new MemorySource(Buffer.concat([start, key, raw, Buffer.alloc(dataBytes)]))
}

function words(...values: readonly number[]): Buffer {
  return Buffer.from(Uint32Array.from(values).buffer)
}

describe('reading', () => {
  test('every type of metadata, as it was written', async () => {
    const { metadata, version } = await readGguf(
      withMetadata(
        ['u8', 'u8', 200],
        ['i8', 'i8', -100],
        ['u16', 'u16', 60_000],
        ['i16', 'i16', -30_000],
        ['u32', 'u32', 4_000_000_000],
        ['i32', 'i32', -2_000_000_000],
        ['f32', 'f32', 0.5],
        ['f64', 'f64', 0.1],
        ['bool', 'bool', true],
        ['u64', 'u64', 12],
        ['large', 'u64', 2n ** 60n],
        ['i64', 'i64', -12],
        ['string', 'string', 'schön'],
        ['numbers', 'array', 'i32', [1, -2, 3]],
        ['strings', 'array', 'string', ['a', 'bc']]
      )
    )
    expect(version).toBe(3)
    const values = [...metadata].map(([key, value]) => [
      key,
      value.type === 'array' ? [value.count, value.values] : value.value
    ])
    expect(Object.fromEntries(values)).toEqual({
      u8: 200,
      i8: -100,
      u16: 60_000,
      i16: -30_000,
      u32: 4_000_000_000,
      i32: -2_000_000_000,
      f32: 0.5,
      f64: 0.1,
      bool: true,
      u64: 12,
      large: 2n ** 60n,
      i64: -12,
      string: 'schön',
      numbers: [3, [1, -2, 3]],
      strings: [2, undefined]
    })
  })

  test('tensors with their places in the file', async () => {
    const gguf = await readGguf(
      withTensors({}, { name: 'b.weight', typeId: 8, shape: [64, 2], offset: 128 })
    )
    expect(gguf.tensors.map(({ type, ...tensor }) => ({ ...tensor, type: type.name }))).toEqual([
      { name: 'a.weight', type: 'F32', shape: [8, 4], offset: gguf.dataOffset, bytes: 128 },
      { name: 'b.weight', type: 'Q8_0', shape: [64, 2], offset: gguf.dataOffset + 128, bytes: 136 }
    ])
    expect(gguf.dataOffset % gguf.alignment).toBe(0)
  })

  test('version 2 and another alignment', async () => {
    const metadata: readonly BuiltEntry[] = [['general.alignment', 'u32', 128]]
    const gguf = await readGguf(
      file({ version: 2, metadata, alignment: 128, tensors: [{ ...oneTensor, offset: 128 }] })
    )
    expect([gguf.version, gguf.alignment, gguf.tensors[0]?.offset]).toEqual([
      2,
      128,
      gguf.dataOffset + 128
    ])
  })

  test('a large vocabulary is walked, not kept, and nothing behind the header is read', async () => {
    const tokens = Array.from({ length: 100_000 }, (_, index) => `token ${index}`)
    const header = buildHeader({
      metadata: [
        ['tokenizer.ggml.tokens', 'array', 'string', tokens],
        ['tokenizer.ggml.scores', 'array', 'f32', new Array<number>(100_000).fill(0)]
      ],
      tensors: []
    })
    const source = new MemorySource(Buffer.concat([header, Buffer.alloc(8 * 1024 * 1024)]))
    const { metadata } = await readGguf(source)
    const kept = [...metadata.values()].map((value) => value.type === 'array' && value.values)
    expect(kept).toEqual([undefined, undefined])
    expect(source.bytesRead).toBeLessThan(header.length + 1024 * 1024)
  })
})

describe('what was written is what is read', () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9._]{0,30}$/)
  const entry = fc.oneof<fc.Arbitrary<BuiltEntry>[]>(
    fc.tuple(name, fc.constant('string'), fc.string({ unit: 'grapheme' })),
    fc.tuple(name, fc.constant('u32'), fc.nat(0xffff_ffff)),
    fc.tuple(name, fc.constant('i64'), fc.maxSafeInteger()),
    fc.tuple(name, fc.constant('f64'), fc.double({ noNaN: true })),
    fc.tuple(name, fc.constant('bool'), fc.boolean()),
    fc.tuple(
      name,
      fc.constant('array'),
      fc.constant('i16'),
      fc.array(fc.integer({ min: -9, max: 9 }))
    )
  )

  test('whatever the metadata and however it falls on the edges of reads', async () => {
    const entries = fc.uniqueArray(entry, { selector: ([key]) => key, maxLength: 20 })
    // Filling moves everything that follows across the edge of the first window.
    const filling = fc.integer({ min: 65_300, max: 65_600 })
    await fc.assert(
      fc.asyncProperty(entries, filling, async (metadata, length) => {
        const first: BuiltEntry = ['_', 'string', 'x'.repeat(length)]
        const { metadata: read } = await readGguf(withMetadata(first, ...metadata))
        for (const [key, type, value, values] of metadata) {
          const found = read.get(key)
          expect(found?.type === 'array' ? found.values : found?.value).toEqual(
            type === 'array' ? values : value
          )
        }
        expect(read.size).toBe(metadata.length + 1)
      })
    )
  })
})

describe('refusing', () => {
  const cases: Readonly<Record<string, readonly [code: string, source: MemorySource]>> = {
    'an empty file': ['gguf-not-gguf', new MemorySource(Buffer.alloc(0))],
    'another format': ['gguf-not-gguf', new MemorySource(Buffer.alloc(100, 'PK'))],
    'nothing but the magic': ['gguf-truncated', new MemorySource(Buffer.from('GGUF'))],
    'version 1': ['gguf-version-unsupported', file({ version: 1 })],
    'version 4': ['gguf-version-unsupported', file({ version: 4 })],
    'a big-endian file': ['gguf-version-unsupported', file({ version: 0x0300_0000 })],
    'a key that stands twice': ['gguf-malformed', withMetadata(['k', 'u8', 1], ['k', 'u8', 1])],
    'an empty key': ['gguf-malformed', withMetadata(['', 'u8', 1])],
    'a key with a space': ['gguf-malformed', withMetadata(['a b', 'u8', 1])],
    'an overlong key': ['gguf-too-large', withMetadata(['k'.repeat(300), 'u8', 1])],
    'an unknown metadata type': ['gguf-malformed', withRawValue(words(77))],
    'an array of arrays': ['gguf-malformed', withRawValue(words(9, 9, 1, 0))],
    'a truth value of 2': ['gguf-malformed', withMetadata(['k', 'bool', 2])],
    'an array of 2^40 entries': ['gguf-too-large', withRawValue(words(9, 4, 0, 256))],
    'an array longer than the file': ['gguf-truncated', withRawValue(words(9, 4, 100_000, 0))],
    'a string of 2^63 bytes': ['gguf-too-large', withRawValue(words(8, 0, 0x8000_0000))],
    'a string longer than the file': ['gguf-truncated', withRawValue(words(8, 50_000, 0))],
    'an alignment of 3': ['gguf-malformed', withMetadata(['general.alignment', 'u32', 3])],
    'an alignment of 0': ['gguf-malformed', withMetadata(['general.alignment', 'u32', 0])],
    'an alignment of 2^31': ['gguf-malformed', withMetadata(['general.alignment', 'u32', 2 ** 31])],
    'an alignment as text': ['gguf-malformed', withMetadata(['general.alignment', 'string', '32'])],
    'two tensors of one name': ['gguf-tensor-duplicate', withTensors({}, { offset: 128 })],
    'overlapping tensors': ['gguf-tensor-invalid', withTensors({}, { name: 'b', offset: 96 })],
    'an offset behind the end': ['gguf-truncated', withTensors({ offset: 1024 })],
    'an offset of 2^63': ['gguf-tensor-invalid', withTensors({ offset: 2n ** 63n })],
    'an unaligned offset': ['gguf-tensor-invalid', withTensors({ offset: 8 })],
    'no dimensions': ['gguf-tensor-invalid', withTensors({ shape: [] })],
    'five dimensions': ['gguf-tensor-invalid', withTensors({ shape: [1, 1, 1, 1, 1] })],
    'a dimension of 0': ['gguf-tensor-invalid', withTensors({ shape: [8, 0] })],
    'a dimension of 2^63': ['gguf-tensor-invalid', withTensors({ shape: [2n ** 63n] })],
    'a product that overflows': [
      'gguf-tensor-invalid',
      withTensors({ shape: [2 ** 30, 2 ** 30, 2 ** 30, 2 ** 30] })
    ],
    'a product that overflows to 0': [
      'gguf-tensor-invalid',
      withTensors({ shape: [2 ** 32, 2 ** 32, 1, 1] })
    ],
    'rows of half a block': ['gguf-tensor-invalid', withTensors({ typeId: 2, shape: [16, 2] })],
    'a removed quantisation': ['gguf-type-unknown', withTensors({ typeId: 31 })],
    'a quantisation of the future': ['gguf-type-unknown', withTensors({ typeId: 43 })],
    'a tensor name of 64 bytes': ['gguf-too-large', withTensors({ name: 'n'.repeat(64) })],
    'a tensor name with a line break': ['gguf-malformed', withTensors({ name: 'a\nb' })]
  }

  test.each(Object.entries(cases))('%s', async (_, [code, source]) => {
    await expect(readGguf(source)).rejects.toMatchObject({ name: 'SkeinError', code })
  })

  test('absurd numbers of tensors and entries', async () => {
    for (const at of [8, 16]) {
      const bytes = buildHeader({ metadata: [], tensors: [] })
      bytes.writeBigUInt64LE(2n ** 61n, at)
      await expect(readGguf(new MemorySource(bytes))).rejects.toMatchObject({
        code: 'gguf-too-large'
      })
    }
  })

  test('a header beyond the limit, without reading it', async () => {
    const count = 4 * 1024 * 1024
    const arrays = Array.from({ length: 3 }, (_, index) => index)
    const declared = ggufLimits.headerBytes + 1
    // Each array claims 32 MiB of numbers; the file says that it is large enough.
    const parts = arrays.map((index) => {
      const key = Buffer.alloc(9)
      key.writeBigUInt64LE(1n)
      key.write(String(index), 8)
      return Buffer.concat([key, words(9, 10, count, 0), Buffer.alloc(count * 8)])
    })
    const start = Buffer.alloc(24)
    start.write('GGUF')
    start.writeUInt32LE(3, 4)
    start.writeBigUInt64LE(3n, 16)
    const source = new MemorySource(Buffer.concat([start, ...parts]))
    expect(source.size).toBeGreaterThan(declared)
    await expect(readGguf(source)).rejects.toMatchObject({ code: 'gguf-too-large' })
    expect(source.bytesRead).toBeLessThan(2 * 1024 * 1024)
  })

  test('a file cut off at any byte of its header', async () => {
    const whole = buildHeader({
      metadata: [
        ['general.architecture', 'string', 'llama'],
        ['numbers', 'array', 'u32', [1, 2, 3]],
        ['strings', 'array', 'string', ['a', 'bc']]
      ],
      tensors: [oneTensor]
    })
    const codes = new Set<string>()
    for (let length = 4; length < whole.length; length++) {
      const error: unknown = await readGguf(new MemorySource(whole.subarray(0, length))).catch(
        (thrown: unknown) => thrown
      )
      codes.add(error instanceof Error && 'code' in error ? String(error.code) : String(error))
    }
    expect([...codes]).toEqual(['gguf-truncated'])
  })
})
