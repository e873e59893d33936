import path from 'node:path'
import type { LayerRange } from '#contract/model.ts'
import type { StageConfig } from '#engine/stage-types.ts'
import { openFileSource } from '#model/byte-source.ts'
import { carveRange } from '#model/carve.ts'
import { readGguf } from '#model/gguf.ts'
import { writeRandomModel, type RandomModelSpec } from '#test/support/models/random-model.ts'
import { tinyTokenizer } from '#test/support/models/tokenizer.ts'

/** Small enough to load in milliseconds, real enough to compute like a model. Without a tokenizer. */
export const tinyShape: RandomModelSpec = {
  architecture: 'llama',
  layers: 4,
  width: 64,
  heads: 4,
  kvHeads: 2,
  headLength: 16,
  feedForward: 128,
  vocabulary: 300,
  type: 'Q8_0'
}

export const tinySpec: RandomModelSpec = { ...tinyShape, tokenizer: tinyTokenizer(300) }

/** What stages of such a model take in tests; `file` and `range` come on top. */
export const tinyStage = {
  layers: tinySpec.layers,
  contextTokens: 512,
  slots: 4,
  batchTokens: 64,
  threads: 1,
  device: 'cpu'
} as const satisfies Omit<StageConfig, 'file' | 'range'>

export interface TinyModel {
  readonly file: string
  /** The file with these layers, and its range. */
  carve(first: number, end: number): Promise<{ file: string; range: LayerRange }>
}

export async function writeTinyModel(folder: string, spec = tinySpec): Promise<TinyModel> {
  const file = path.join(folder, 'whole.gguf')
  await writeRandomModel(file, spec)
  return {
    file,
    async carve(first, end) {
      const range = { first, end }
      const target = path.join(folder, `layers-${first}-${end}.gguf`)
      const source = await openFileSource(file)
      try {
        await carveRange(source, await readGguf(source), range, target)
      } finally {
        await source.close()
      }
      return { file: target, range }
    }
  }
}
