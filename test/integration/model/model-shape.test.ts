import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LayerRange } from '#contract/model.ts'
import { Stage } from '#engine/child/stage.ts'
import { openFileSource } from '#model/byte-source.ts'
import { readGguf } from '#model/gguf.ts'
import { modelShape } from '#model/model-shape.ts'
import { ModelGrid } from '#swarm/placement/model-grid.ts'
import {
  tinySpec,
  tinyStage,
  writeTinyModel,
  type TinyModel
} from '#test/support/engine/tiny-model.ts'

let folder: string
let model: TinyModel
let grid: ModelGrid

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'skein-shape-'))
  model = await writeTinyModel(folder)
  const source = await openFileSource(model.file)
  grid = new ModelGrid(modelShape(await readGguf(source), tinyStage))
  await source.close()
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const ranges: readonly LayerRange[] = [
  { first: 0, end: tinySpec.layers },
  { first: 0, end: 2 },
  { first: 1, end: 3 },
  { first: 2, end: 4 }
]

describe('what a range is expected to take', () => {
  it.each(ranges)(
    'is no less than llama.cpp allocates, and not far more: $first to $end',
    async (range) => {
      const file = await model.carve(range.first, range.end)
      const stage = Stage.load({ ...tinyStage, ...file })
      try {
        const { weightBytes, cacheBytes, computeBytes } = stage.info.memory
        const taken = weightBytes + cacheBytes + computeBytes
        expect(grid.bytesOf(range)).toBeGreaterThanOrEqual(taken)
        expect(grid.bytesOf(range)).toBeLessThan(taken * 2)
      } finally {
        stage.close()
      }
    }
  )
})
