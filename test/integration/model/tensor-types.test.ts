import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import type { LayerRange } from '#contract/model.ts'
import { carveRange } from '#model/carve.ts'
import { tensorTypeOf, tensorTypes, type TensorType } from '#model/tensor-types.ts'
import { ggmlTypeCount, ggmlTypes, quantise } from '#test/support/engine/ggml-types.ts'
import { lowBitBlocks } from '#test/support/models/low-bit-blocks.ts'
import type { CarvedStage } from '#test/support/models/parity-chain.ts'
import { firstDifference, logitsOf } from '#test/support/models/parity-scenario.ts'
import { Random } from '#test/support/models/random.ts'
import { randomModelBytes, type RandomModelSpec } from '#test/support/models/random-model.ts'
import { readModel, type ModelInMemory } from '#test/support/models/read-model.ts'
import { temporaryFolder } from '#test/support/temporary-folder.ts'

test('the table of types is the installed ggml’s, row by row', () => {
  const theirs = ggmlTypes().filter(({ blockValues }) => blockValues > 0)
  expect(Object.values(tensorTypes).toSorted((a, b) => a.id - b.id)).toEqual(
    theirs.map(({ id, name, blockValues, blockBytes, isReadable }) => ({
      id,
      name: name.toUpperCase(),
      blockValues,
      blockBytes,
      // float32 needs no reading.
      isForWeights: isReadable || name === 'f32'
    }))
  )
})

test('numbers of types that are no more, or not yet, are unknown', () => {
  const gone = ggmlTypes().filter(({ blockValues }) => blockValues === 0)
  expect(gone).toHaveLength(8)
  for (const id of [...gone.map((type) => type.id), ggmlTypeCount]) {
    expect(tensorTypeOf(id)).toBeUndefined()
  }
})

/** Rows of 256 values: whole blocks of every type. */
const spec: RandomModelSpec = {
  architecture: 'llama',
  layers: 2,
  width: 256,
  heads: 4,
  kvHeads: 2,
  headLength: 64,
  feedForward: 256,
  vocabulary: 256,
  type: 'F32'
}

/** A model whose matrices are of this type, quantised by ggml itself where that is quick. */
async function modelOf(type: TensorType): Promise<ModelInMemory> {
  const bytes = randomModelBytes(spec, (tensors) =>
    tensors.map((tensor) => (tensor.shape.length > 1 ? { ...tensor, type } : tensor))
  )
  const model = await readModel(bytes)
  for (const [index, { shape, offset, bytes: length }] of model.gguf.tensors.entries()) {
    if (shape.length === 1) continue
    const data = lowBitBlocks(type, length, index) ?? quantised(type, shape, length, index)
    bytes.set(data, offset)
  }
  return model
}

function quantised(
  type: TensorType,
  [width = 1, rows = 1]: readonly number[],
  bytes: number,
  seed: number
): Uint8Array {
  const random = new Random(seed)
  const values = Float32Array.from({ length: width * rows }, () => random.gauss() / 16)
  return quantise(type.id, values, width, bytes)
}

async function carve(model: ModelInMemory, range: LayerRange): Promise<CarvedStage> {
  const file = path.join(temporaryFolder(), 'layers.gguf')
  await carveRange(model.source, model.gguf, range, file)
  return { file, range }
}

const weightTypes = Object.values(tensorTypes).filter(({ isForWeights }) => isForWeights)

describe('a model of every type for weights', () => {
  test('covers 1 bit, ternary and all that is between', () => {
    const names = weightTypes.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['TQ1_0', 'TQ2_0', 'IQ1_S', 'IQ1_M', 'Q1_0']))
    expect(names).toHaveLength(28)
  })

  test.each(weightTypes)('$name is carved, loaded and computed, bit for bit', async (type) => {
    const model = await modelOf(type)
    const file = path.join(temporaryFolder(), 'model.gguf')
    await writeFile(file, model.bytes)
    const whole = logitsOf([{ file, range: { first: 0, end: 2 } }], 2)
    const [row = new Float32Array(0)] = whole
    expect(whole.flatMap((it) => [...it]).every((value) => Number.isFinite(value))).toBe(true)
    expect(Math.max(...row) - Math.min(...row)).toBeGreaterThan(0.5)

    const halves = [
      await carve(model, { first: 0, end: 1 }),
      await carve(model, { first: 1, end: 2 })
    ]
    expect(firstDifference(whole, logitsOf(halves, 2))).toBeUndefined()
  })
})
