import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { Logger } from '#contract/log.ts'
import type { ModelKey } from '#contract/model.ts'
import type { Vocabulary } from '#contract/vocabulary.ts'
import { startVocabulary, type VocabularyProcess } from '#engine/vocabulary.ts'
import type { ByteSource } from '#model/byte-source.ts'
import { carveFormat, carveVocabulary } from '#model/carve.ts'
import { readGguf } from '#model/gguf.ts'

export interface VocabulariesOptions {
  /** The engine process's entry. */
  readonly entry: URL
  /** Where carved files are kept. */
  readonly folder: string
  readonly openHeader: (key: ModelKey) => Promise<ByteSource>
  readonly log: Logger
}

/** Vocabularies of models, each started once, when it is first needed. */
export class Vocabularies {
  readonly #options: VocabulariesOptions
  readonly #closing = new AbortController()
  readonly #running = new Map<ModelKey, Promise<VocabularyProcess>>()

  constructor(options: VocabulariesOptions) {
    this.#options = options
  }

  /** Throws what starting it throws; asked again, it starts again. */
  of(key: ModelKey): Promise<Vocabulary> {
    const running = this.#running.get(key)
    if (running !== undefined) return running
    const starting = this.#start(key)
    this.#running.set(key, starting)
    starting.catch(() => this.#running.delete(key))
    return starting
  }

  /** One that is still loading ends at once. */
  async close(): Promise<void> {
    this.#closing.abort()
    const all = await Promise.allSettled(this.#running.values())
    const started = all.filter((result) => result.status === 'fulfilled')
    await Promise.all(started.map(({ value }) => value.close()))
  }

  async #start(key: ModelKey): Promise<VocabularyProcess> {
    const { entry, log } = this.#options
    const file = await this.#carve(key)
    const { signal } = this.#closing
    const vocabulary = await startVocabulary({ file, entry, log, signal })
    vocabulary.onExit(() => this.#running.delete(key))
    return vocabulary
  }

  /** The tokenizer alone, checked: no file reaches llama.cpp as it came. */
  async #carve(key: ModelKey): Promise<string> {
    const home = path.join(this.#options.folder, key)
    await mkdir(home, { recursive: true })
    const target = path.join(home, `vocabulary-v${carveFormat}.gguf`)
    const source = await this.#options.openHeader(key)
    try {
      await carveVocabulary(source, await readGguf(source), target)
    } finally {
      await source.close()
    }
    return target
  }
}
