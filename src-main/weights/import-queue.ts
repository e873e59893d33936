import path from 'node:path'
import type { ModelKey } from '#contract/model.ts'
import type { StoredFile } from '#contract/weights.ts'
import type { FileKind } from './file-kind.ts'
import { identify, isSame, type FileIdentity } from './file-identity.ts'
import { ImportJournal } from './import-journal.ts'
import { importModel, type ImportOptions } from './import-model.ts'
import type { ModelRecord, ModelRecords } from './model-record.ts'
import type { WeightsStorage } from './weights-storage.ts'

/** What imports need of the store that they fill. */
export interface ImportTarget {
  readonly storage: WeightsStorage
  readonly records: ModelRecords
  /** Where interrupted imports keep what they need to go on. */
  readonly journals: string
  /** The record of a file of which `isIt` holds. */
  readonly find: (isIt: (file: FileIdentity) => boolean) => ModelRecord | undefined
  /** Closes what is open of a key, so that its tree may be written; gives its record, where there was one. */
  readonly release: (key: ModelKey) => Promise<ModelRecord | undefined>
  /** Opens what a record names. */
  readonly hold: (record: ModelRecord) => Promise<StoredFile>
  readonly file: (key: ModelKey) => Promise<StoredFile>
}

/** Imports run one after the other: two would only slow the disk down, and the second of a file finds the first one's work. */
export class ImportQueue {
  readonly #target: ImportTarget
  #last: Promise<unknown> = Promise.resolve()

  constructor(target: ImportTarget) {
    this.#target = target
  }

  /** Goes on where an earlier try stopped. Throws what `importModel` throws. */
  add(file: string, kind: FileKind, options: ImportOptions): Promise<StoredFile> {
    const importing = this.#last.then(() => this.#import(file, kind, options))
    this.#last = importing.catch(() => undefined)
    return importing
  }

  /** Forgets what an interrupted import of this file had read. */
  async forget(file: string): Promise<void> {
    await this.#journalOf(file).remove()
  }

  async #import(file: string, kind: FileKind, options: ImportOptions): Promise<StoredFile> {
    const { storage, records, find, hold } = this.#target
    const found = await identify(path.resolve(file))
    const known = find((other) => isSame(other, found))
    if (known !== undefined && kind.isKept(known)) return this.#target.file(known.info.key)
    const journal = this.#journalOf(file)
    let released: ModelRecord | undefined
    const release = async (key: ModelKey): Promise<void> => {
      released = await this.#target.release(key)
    }
    try {
      const record = await importModel(found, kind, { storage, journal, release }, options)
      await records.write(record)
      await journal.remove()
      return await hold(record)
    } catch (thrown) {
      if (released !== undefined) await hold(released)
      throw thrown
    }
  }

  #journalOf(file: string): ImportJournal {
    return new ImportJournal(this.#target.journals, path.resolve(file))
  }
}
