import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { modelKeySchema, type ModelKey } from '#contract/model.ts'
import { openFileSource } from '#model/byte-source.ts'
import { modelKeyOf, type HashingOptions } from './model-key.ts'

const knownKeysSchema = z.object({
  version: z.literal(1),
  files: z.record(
    z.string(),
    z.object({ bytes: z.int(), modifiedMs: z.number(), key: modelKeySchema })
  )
})
type KeysFile = z.infer<typeof knownKeysSchema>

/**
 * Keys of model files that were read before, by path, size and time of change: a file of many gigabytes is hashed once, not at
 * each start. The list is a cache: one that cannot be read or written costs time, nothing else.
 */
export class KnownKeys {
  readonly #file: string

  /** `file`: where the list is kept, in the data folder. */
  constructor(file: string) {
    this.#file = file
  }

  /** Throws what `openFileSource` and `modelKeyOf` throw. */
  async keyOf(modelFile: string, options: HashingOptions = {}): Promise<ModelKey> {
    const source = await openFileSource(modelFile)
    try {
      const at = path.resolve(modelFile)
      const { size: bytes, mtimeMs: modifiedMs } = await stat(at)
      const known = (await this.#read()).files[at]
      if (known?.bytes === bytes && known.modifiedMs === modifiedMs) return known.key
      const key = await modelKeyOf(source, options)
      await this.#remember(at, { bytes, modifiedMs, key })
      return key
    } finally {
      await source.close()
    }
  }

  async #read(): Promise<KeysFile> {
    try {
      return knownKeysSchema.parse(JSON.parse(await readFile(this.#file, 'utf8')))
    } catch {
      return { version: 1, files: {} }
    }
  }

  async #remember(at: string, entry: KeysFile['files'][string]): Promise<void> {
    const { files } = await this.#read()
    const text = JSON.stringify({ version: 1, files: { ...files, [at]: entry } })
    const temporary = `${this.#file}.${process.pid}.partial`
    try {
      await mkdir(path.dirname(this.#file), { recursive: true })
      await writeFile(temporary, text)
      await rename(temporary, this.#file)
    } catch {
      // The next start hashes the file again.
    }
  }
}
