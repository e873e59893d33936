import { readdir, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import type { Logger } from '#contract/log.ts'
import { adapterInfoSchema } from '#contract/adapter.ts'
import { modelInfoSchema, modelKeySchema, type ModelKey } from '#contract/model.ts'
import type { StoredFile } from '#contract/weights.ts'
import { isMissing, storeFault } from './store-fault.ts'
import { fileIdentitySchema } from './file-identity.ts'
import { writeWhole } from './write-whole.ts'

/** What the store remembers of a file beside its core. */
const fileRecordSchema = z.object({
  version: z.literal(1),
  fileName: z.string().min(1).max(255),
  addedAt: z.iso.datetime(),
  seeding: z.boolean(),
  /** The added file that holds the blocks; absent where they are in the core's own storage. */
  file: fileIdentitySchema.optional()
})
/** Derived from the bytes when they came. */
const modelFactsSchema = z.object({ info: modelInfoSchema })
const adapterFactsSchema = z.object({
  info: adapterInfoSchema,
  /** The model that it was added to, and checked against. */
  base: modelKeySchema
})
const modelRecordSchema = z.union([
  fileRecordSchema.extend(adapterFactsSchema.shape),
  fileRecordSchema.extend(modelFactsSchema.shape)
])
export type RecordFacts = z.infer<typeof modelFactsSchema> | z.infer<typeof adapterFactsSchema>
export type ModelRecord = Readonly<z.infer<typeof fileRecordSchema> & RecordFacts>

/** The record of a file that came from peers, without what its header says. */
export function freshRecord(key: ModelKey): z.infer<typeof fileRecordSchema> {
  return {
    version: 1,
    fileName: `${key}.gguf`,
    addedAt: new Date().toISOString(),
    seeding: true
  }
}

/** What is told of a record to whoever asks. */
export function storedAs(record: ModelRecord, state: StoredFile['state']): StoredFile {
  const { fileName, addedAt, seeding, file } = record
  const path = file === undefined ? {} : { path: file.path }
  const kept = { fileName, addedAt, seeding, ...path, state }
  if ('base' in record) return { ...kept, info: record.info, base: record.base }
  return { ...kept, info: record.info }
}

/** One small file for each model: a damaged one costs that model alone. */
export class ModelRecords {
  readonly #folder: string
  readonly #log: Logger | undefined

  constructor(folder: string, log: Logger | undefined) {
    this.#folder = folder
    this.#log = log
  }

  /** Of all that are kept, those whose record is damaged among them. */
  async keys(): Promise<ModelKey[]> {
    const names = await readdir(this.#folder)
    const keys = names.map((name) => modelKeySchema.safeParse(path.basename(name, '.json')))
    return keys.flatMap(({ data }) => (data === undefined ? [] : [data])).toSorted()
  }

  async readAll(): Promise<ModelRecord[]> {
    const records: ModelRecord[] = []
    for (const key of await this.keys()) {
      const record = await this.#read(this.#fileOf(key))
      if (record !== undefined) records.push(record)
    }
    return records
  }

  write(record: ModelRecord): Promise<void> {
    return writeWhole(this.#fileOf(record.info.key), `${JSON.stringify(record, null, 2)}\n`)
  }

  async remove(key: ModelKey): Promise<void> {
    await rm(this.#fileOf(key), { force: true })
  }

  #fileOf(key: ModelKey): string {
    return path.join(this.#folder, `${key}.json`)
  }

  async #read(file: string): Promise<ModelRecord | undefined> {
    try {
      return modelRecordSchema.parse(JSON.parse(await readFile(file, 'utf8')))
    } catch (thrown) {
      if (isMissing(thrown)) return undefined
      if (thrown instanceof SyntaxError || thrown instanceof z.ZodError) {
        this.#log?.warn('a model record cannot be read and is left out', { file })
        return undefined
      }
      throw storeFault(thrown)
    }
  }
}
