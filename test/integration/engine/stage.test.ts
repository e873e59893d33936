import { truncateSync, writeFileSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { SkeinError } from '#contract/errors.ts'
import { loadStage } from '#engine/child/load-stage.ts'
import { Stage } from '#engine/child/stage.ts'
import type { StageConfig, StageStep } from '#engine/stage-types.ts'
import {
  tinyShape,
  tinySpec,
  tinyStage,
  writeTinyModel,
  type TinyModel
} from '#test/support/engine/tiny-model.ts'

let folder: string
let model: TinyModel
const open: Stage[] = []

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'skein-stage-'))
  model = await writeTinyModel(folder)
})
afterAll(() => rm(folder, { recursive: true, force: true }))
afterEach(() => {
  for (const stage of open.splice(0)) stage.close()
})

function load(config: Partial<StageConfig> = {}): Stage {
  const stage = Stage.load({
    ...tinyStage,
    file: model.file,
    range: { first: 0, end: tinySpec.layers },
    ...config
  })
  open.push(stage)
  return stage
}

const tokens = (slot: number, position: number, ...values: number[]): StageStep => ({
  slot,
  position,
  input: { kind: 'tokens', tokens: Int32Array.from(values) },
  rows: values.length,
  outputRows: 1,
  topK: 8
})

const codeOf = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    return SkeinError.from(error).code
  }
  return 'no error'
}

describe('a whole model as one stage', () => {
  it('says what it is', () => {
    const { info } = load()
    expect(info).toMatchObject({
      device: 'cpu',
      width: tinySpec.width,
      vocabularySize: tinySpec.vocabulary,
      maxRows: tinyStage.batchTokens,
      isFirst: true,
      isTail: true
    })
    // Two bytes for each value of keys and values, in each layer, for each cell.
    const cellBytes = 2 * 2 * tinySpec.kvHeads * tinySpec.headLength * tinySpec.layers
    expect(info.memory.cacheBytes).toBe(tinyStage.contextTokens * cellBytes)
    expect(info.memory.weightBytes).toBeGreaterThan(100_000)
    expect(info.memory.computeBytes).toBeGreaterThan(0)
  })

  it('computes on whatever device is here', () => {
    const stage = load({ device: 'auto' })
    stage.openSlot(8)
    expect(stage.run([tokens(0, 0, 1)])[0]?.candidates).toHaveLength(1)
    expect(stage.info.device).not.toBe('')
  })

  it('gives the best logits of exactly the rows that were asked for', () => {
    const stage = load()
    stage.openSlot(64)
    const [output] = stage.run([{ ...tokens(0, 0, 5, 6, 7, 8, 9), outputRows: 2 }])
    const rows = [stage.logits(3), stage.logits(4)]
    expect(output?.candidates).toHaveLength(2)
    for (const [index, row] of rows.entries()) {
      const found = output?.candidates?.[index]
      const best = [...row.keys()].sort((a, b) => (row[b] ?? 0) - (row[a] ?? 0)).slice(0, 8)
      expect([...(found?.tokens ?? [])]).toEqual(best)
      const sum = row.reduce((total, logit) => total + Math.exp(logit), 0)
      expect(found?.logSumExp).toBeCloseTo(Math.log(sum), 6)
    }
  })

  it('gives nothing for rows that only fill the cache', () => {
    const stage = load()
    stage.openSlot(64)
    const [output] = stage.run([{ ...tokens(0, 0, 5, 6), outputRows: 0 }])
    expect(output).toEqual({ candidates: [] })
    expect(stage.held(0)).toBe(2)
  })

  it('computes the same after a rollback as without the detour', () => {
    const stage = load()
    stage.openSlot(64)
    stage.openSlot(64)
    stage.run([tokens(0, 0, 5, 6, 7, 8)])
    stage.run([tokens(0, 4, 250, 251, 252, 253)])
    stage.rollback(0, 4)
    stage.run([tokens(0, 4, 9)])
    const detour = stage.logits(0)
    stage.run([tokens(1, 0, 5, 6, 7, 8)])
    stage.run([tokens(1, 4, 9)])
    expect(stage.logits(0)).toEqual(detour)
  })

  it('keeps sessions apart', () => {
    const stage = load()
    for (const slot of [0, 1, 2, 3]) stage.openSlot(100, slot)
    stage.run([0, 1, 2, 3].map((slot) => tokens(slot, 0, 10 + slot, 20 + slot, 30, 40)))
    const together = [0, 1, 2, 3].map((slot) => stage.logits(4 * slot + 3))
    const alone = [0, 1, 2, 3].map((slot) => {
      stage.rollback(slot, 0)
      stage.run([tokens(slot, 0, 10 + slot, 20 + slot, 30, 40)])
      return stage.logits(3)
    })
    // Four rows and sixteen take the same kernels (design: rounding depends on the shape below four rows only).
    expect(together).toEqual(alone)
    expect(together[0]).not.toEqual(together[1])
  })

  it('reuses the cells of a closed slot', () => {
    const stage = load({ contextTokens: 256, slots: 2 })
    for (let session = 0; session < 5; session++) {
      const slot = stage.openSlot(256)
      for (let position = 0; position < 256; position += 64) {
        stage.run([tokens(slot, position, ...new Array<number>(64).fill(session + 3))])
      }
      stage.closeSlot(slot)
    }
    expect(stage.openSlot(256)).toBe(0)
  })
})

describe('a stage in the middle', () => {
  it('passes on a boundary of its width and finds it after the graph changed', async () => {
    const first = load(await model.carve(0, 2))
    const whole = load()
    const tail = load(await model.carve(2, 4))
    for (const stage of [first, whole, tail]) stage.openSlot(128)
    let position = 0
    // Each number of rows has a graph of its own; the tap learns them anew and remembers.
    for (const rows of [1, 7, 1, 33, 7, 2, 1, 1]) {
      const step = tokens(0, position, ...Array.from({ length: rows }, (_, row) => row + position))
      const [{ boundary } = {}] = first.run([step])
      expect(boundary).toHaveLength(rows * tinySpec.width)
      tail.run([{ ...step, input: { kind: 'boundary', data: boundary ?? new Float32Array(0) } }])
      whole.run([step])
      expect(tail.logits(rows - 1)).toEqual(whole.logits(rows - 1))
      position += rows
    }
    expect(first.info).toMatchObject({ isFirst: true, isTail: false })
    expect(tail.info).toMatchObject({ isFirst: false, isTail: true })
  })

  it('computes a call again when the boundary went by unseen', async () => {
    const config = { ...tinyStage, ...(await model.carve(0, 2)) }
    const loaded = loadStage(config)
    const { tap } = loaded
    if (tap === undefined) throw new Error('no tap before the tail')
    const finish = tap.finish.bind(tap)
    let misses = 0
    const stage = new Stage(config, loaded)
    open.push(stage)
    stage.openSlot(32)
    stage.run([tokens(0, 0, 5, 6, 7, 8)])
    const expected = stage.run([tokens(0, 4, 9, 10, 11, 12)])
    stage.rollback(0, 4)
    tap.finish = () => finish() && misses++ > 0
    expect(stage.run([tokens(0, 4, 9, 10, 11, 12)])).toEqual(expected)
    expect(misses).toBe(2)
    expect(stage.held(0)).toBe(8)
  })

  it('limits the rows of a first stage with a large vocabulary', async () => {
    const vocabulary = 200_000
    const spec = { ...tinyShape, vocabulary, layers: 2 }
    const large = await writeTinyModel(await mkdtemp(path.join(folder, 'large-')), spec)
    const stage = load({ ...(await large.carve(0, 1)), layers: 2, batchTokens: 512 })
    expect(stage.info.maxRows).toBeLessThan(512)
    expect(stage.info.maxRows * vocabulary * 4).toBeLessThanOrEqual(32 * 1024 * 1024)
  })
})

describe('what goes wrong', () => {
  it.each([
    ['a file that is not there', () => ({ file: path.join(folder, 'none.gguf') })],
    ['more layers than the file has', () => ({ range: { first: 0, end: 5 }, layers: 5 })],
    ['fewer layers than the file has', () => ({ range: { first: 0, end: 3 }, layers: 3 })]
  ])('refuses %s', (_, config) => {
    expect(codeOf(() => load(config()))).toBe('engine-load-failed')
  })

  it.each([
    ['no slots', { slots: 0 }],
    ['too many slots', { slots: 257 }],
    ['no context', { contextTokens: 0 }],
    ['a context that no model has', { contextTokens: 2 ** 31 }],
    ['half a row', { batchTokens: 0.5 }],
    ['an empty range', { range: { first: 2, end: 2 } }],
    ['a range past the end', { range: { first: 2, end: 5 } }]
  ])('refuses %s', (_, config) => {
    expect(codeOf(() => load(config))).toBe('invalid-input')
  })

  it('refuses a file that is cut short or not a model', async () => {
    const cut = path.join(folder, 'cut.gguf')
    writeFileSync(cut, await readFile(model.file))
    truncateSync(cut, 100_000)
    expect(codeOf(() => load({ file: cut }))).toBe('engine-load-failed')
    const text = path.join(folder, 'text.gguf')
    writeFileSync(text, 'GGUF? No.')
    expect(codeOf(() => load({ file: text }))).toBe('engine-load-failed')
  })

  it('says so when the context does not fit into memory, and goes on', async () => {
    // A cell of 1 MiB, so that the cache is large before llama.cpp's own account of its cells is.
    const wide = { ...tinyShape, heads: 128, kvHeads: 128, headLength: 512 }
    const { file } = await writeTinyModel(await mkdtemp(path.join(folder, 'wide-')), wide)
    expect(codeOf(() => load({ file, contextTokens: 2 ** 20 }))).toBe('engine-out-of-memory')
    const stage = load()
    stage.openSlot(8)
    expect(stage.run([tokens(0, 0, 1)])).toHaveLength(1)
  })

  it('refuses weights that give no numbers, and leaves the session as it was', async () => {
    const broken = path.join(folder, 'nan.gguf')
    const bytes = await readFile(model.file)
    // Scales of Q8_0 blocks: float16 NaN over the first half of the data.
    for (let at = bytes.length >> 1; at + 34 < bytes.length; at += 34)
      bytes.writeUInt16LE(0x7e00, at)
    writeFileSync(broken, bytes)
    const stage = load({ file: broken })
    stage.openSlot(8)
    expect(codeOf(() => stage.run([tokens(0, 0, 1)]))).toBe('engine-decode-failed')
    expect(stage.held(0)).toBe(0)
  })

  it('refuses a rollback to where the slot never was', () => {
    const stage = load()
    stage.openSlot(8)
    stage.run([tokens(0, 0, 1, 2)])
    expect(codeOf(() => stage.rollback(0, 3))).toBe('invalid-input')
    expect(codeOf(() => stage.rollback(0, -1))).toBe('invalid-input')
    expect(codeOf(() => stage.rollback(1, 0))).toBe('invalid-input')
  })
})
