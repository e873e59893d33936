import path from 'node:path'
import type { ModelInfo } from '#contract/model.ts'
import { openFileSource } from '#model/byte-source.ts'
import { describeModel } from '#model/describe-model.ts'
import { readGguf } from '#model/gguf.ts'
import { KnownKeys } from '#weights/known-keys.ts'
import { modelKeyOf } from '#weights/model-key.ts'

/** A model whose whole file is on this PC. */
export interface LocalModel {
  readonly info: ModelInfo
  readonly file: string
}

/**
 * Reads what a GGUF file is. With `keysFolder`, a file that was read before is not hashed again. Throws what reading throws:
 * `model-not-found`, `gguf-malformed`, ...
 */
export async function openLocalModel(file: string, keysFolder?: string): Promise<LocalModel> {
  const source = await openFileSource(file)
  try {
    const gguf = await readGguf(source)
    const key = await (keysFolder === undefined
      ? modelKeyOf(source)
      : new KnownKeys(path.join(keysFolder, 'keys.json')).keyOf(file))
    const info = describeModel(gguf, { key, bytes: source.size, fileName: path.basename(file) })
    return { info, file }
  } finally {
    await source.close()
  }
}
