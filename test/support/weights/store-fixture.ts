import { statSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { writeRandomModel, type RandomModelSpec } from '#test/support/models/random-model.ts'
import { temporaryFolder } from '#test/support/temporary-folder.ts'
import { WeightsStore, type StoreOptions } from '#weights/weights-store.ts'

/** About 2 MB: some thirty blocks, a header that fits into one. */
export const smallModel: RandomModelSpec = {
  architecture: 'llama',
  layers: 4,
  width: 128,
  heads: 4,
  kvHeads: 2,
  headLength: 32,
  feedForward: 192,
  vocabulary: 300,
  type: 'F32'
}

/** Writes a random model file; another seed gives another model. `metadata`: fields with their whole keys. */
export async function modelFile(
  seed = 1,
  folder = temporaryFolder(),
  metadata: RandomModelSpec['tokenizer'] = []
): Promise<string> {
  const file = path.join(folder, `random-${seed}.gguf`)
  const tokenizer = [
    ['tokenizer.ggml.model', 'string', 'no_vocab'] as const,
    ['llama.vocab_size', 'u32', smallModel.vocabulary] as const,
    ...metadata
  ]
  await writeRandomModel(file, { ...smallModel, seed, tokenizer })
  return file
}

/** A model of 20 layers, some 3 MB; its header fits into one block. */
export async function manyLayers(folder = temporaryFolder()): Promise<string> {
  const file = path.join(folder, 'many-layers.gguf')
  await writeRandomModel(file, { ...smallModel, layers: 20, width: 64, heads: 2, feedForward: 128 })
  return file
}

/** A store that closes with the test, unless the test closed it. */
export async function openStore(
  folder = temporaryFolder(),
  options: StoreOptions = {}
): Promise<WeightsStore> {
  const store = await WeightsStore.open(folder, options)
  onTestFinished(() => store.close())
  return store
}

/** Bytes of all files below a folder. */
export function diskUse(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(path.join(parentPath, name)).size, 0)
}
