import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { SkeinError } from '#contract/errors.ts'
import type { Logger } from '#contract/log.ts'
import type { ModelInfo, ModelKey } from '#contract/model.ts'
import type { Vocabulary } from '#contract/vocabulary.ts'
import { startVocabulary, type VocabularyProcess } from '#engine/vocabulary.ts'
import { openFileSource } from '#model/byte-source.ts'
import { carveFormat, carveVocabulary } from '#model/carve.ts'
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

/** The models of this PC, and their vocabularies: each started once, when it is first needed. */
export class LocalModels {
  readonly #models: readonly LocalModel[]
  readonly #entry: URL
  readonly #folder: string
  readonly #log: Logger
  readonly #closing = new AbortController()
  readonly #vocabularies = new Map<ModelKey, Promise<VocabularyProcess>>()

  /** `folder`: where carved files are kept. */
  constructor(models: readonly LocalModel[], entry: URL, folder: string, log: Logger) {
    this.#models = models
    this.#entry = entry
    this.#folder = folder
    this.#log = log
  }

  infos(): readonly ModelInfo[] {
    return this.#models.map((model) => model.info)
  }

  /** Throws `model-unknown`. */
  find(key: ModelKey): LocalModel {
    const found = this.#models.find((model) => model.info.key === key)
    if (found === undefined) throw new SkeinError('model-unknown', key)
    return found
  }

  /** Throws what starting it throws; asked again, it starts again. */
  vocabulary(key: ModelKey): Promise<Vocabulary> {
    const running = this.#vocabularies.get(key)
    if (running !== undefined) return running
    const starting = this.#start(key)
    this.#vocabularies.set(key, starting)
    starting.catch(() => this.#vocabularies.delete(key))
    return starting
  }

  /** One that is still loading ends at once. */
  async close(): Promise<void> {
    this.#closing.abort()
    const all = await Promise.allSettled(this.#vocabularies.values())
    const started = all.filter((result) => result.status === 'fulfilled')
    await Promise.all(started.map(({ value }) => value.close()))
  }

  async #start(key: ModelKey): Promise<VocabularyProcess> {
    const file = await this.#carve(this.find(key))
    const { signal } = this.#closing
    const vocabulary = await startVocabulary({ file, entry: this.#entry, log: this.#log, signal })
    vocabulary.onExit(() => this.#vocabularies.delete(key))
    return vocabulary
  }

  /** The tokenizer alone, checked: no file reaches llama.cpp as it came. */
  async #carve({ info, file }: LocalModel): Promise<string> {
    const home = path.join(this.#folder, info.key)
    await mkdir(home, { recursive: true })
    const target = path.join(home, `vocabulary-v${carveFormat}.gguf`)
    const source = await openFileSource(file)
    try {
      await carveVocabulary(source, await readGguf(source), target)
    } finally {
      await source.close()
    }
    return target
  }
}
