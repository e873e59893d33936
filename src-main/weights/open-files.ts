import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'

/** Files held open at once: more would take descriptors from connections and engines. */
const maxOpen = 16

interface OpenFile {
  readonly handle: Promise<FileHandle>
  users: number
}

/** Numbered files, opened when they are used; those that were not used for the longest time are closed again. */
export class OpenFiles {
  readonly #pathOf: (file: number) => string
  /** By their last use: the oldest first. */
  readonly #open = new Map<number, OpenFile>()

  constructor(pathOf: (file: number) => string) {
    this.#pathOf = pathOf
  }

  /** Runs `work` on a file, and makes it where there is none when it `isWriting`. Throws what the system says. */
  async use<Result>(
    file: number,
    isWriting: boolean,
    work: (handle: FileHandle) => Promise<Result>
  ): Promise<Result> {
    const known = this.#open.get(file)
    const entry = known ?? { handle: this.#openFile(file, isWriting), users: 0 }
    this.#open.delete(file)
    this.#open.set(file, entry)
    entry.users++
    try {
      return await work(await entry.handle)
    } finally {
      entry.users--
      await this.#closeOldest()
    }
  }

  /** Waits for whoever uses a file. */
  async close(): Promise<void> {
    const all = [...this.#open.values()]
    this.#open.clear()
    await Promise.all(all.map(closeFile))
  }

  #openFile(file: number, isWriting: boolean): Promise<FileHandle> {
    const mode = isWriting ? constants.O_RDWR | constants.O_CREAT : constants.O_RDWR
    const handle = open(this.#pathOf(file), mode, 0o600)
    // Tried anew by the next who wants it.
    handle.catch(() => this.#open.delete(file))
    return handle
  }

  async #closeOldest(): Promise<void> {
    for (const [file, entry] of this.#open) {
      if (this.#open.size <= maxOpen) return
      if (entry.users > 0) continue
      this.#open.delete(file)
      await closeFile(entry)
    }
  }
}

async function closeFile({ handle }: OpenFile): Promise<void> {
  // One that could not be opened needs no closing.
  await handle.then(
    (opened) => opened.close(),
    () => undefined
  )
}
