import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { SkeinError } from '#contract/errors.ts'
import { isMissing } from './store-fault.ts'

/** A part of the budget that something on its way will fill. */
export interface Reservation {
  /** So many bytes of it are on the disk now. */
  spend(bytes: number): void
  release(): void
}

/** How much disk the models may take that Skein itself brought here. Nothing is ever deleted to keep to it; more is refused. */
export class DiskBudget {
  readonly #folders: readonly string[]
  readonly #reserved = new Set<{ bytes: number }>()
  /** `Infinity`: no limit but the disk's. */
  limitBytes = Infinity

  /** `folders`: all that counts. */
  constructor(folders: readonly string[]) {
    this.#folders = folders
  }

  async usedBytes(): Promise<number> {
    const sizes = await Promise.all(this.#folders.map(bytesBelow))
    return sizes.reduce((sum, each) => sum + each, 0)
  }

  /** Sets bytes aside that are to come. Throws `weights-over-budget`, before anything came. */
  async reserve(bytes: number): Promise<Reservation> {
    const reservation = { bytes }
    this.#reserved.add(reservation)
    if (this.limitBytes < Infinity) await this.#require(reservation)
    return {
      spend: (spent) => {
        reservation.bytes = Math.max(0, reservation.bytes - spent)
      },
      release: () => this.#reserved.delete(reservation)
    }
  }

  async #require(reservation: { readonly bytes: number }): Promise<void> {
    const used = await this.usedBytes()
    const reserved = [...this.#reserved].reduce((sum, { bytes }) => sum + bytes, 0)
    if (used + reserved <= this.limitBytes) return
    this.#reserved.delete(reservation)
    const free = Math.max(0, this.limitBytes - used - reserved + reservation.bytes)
    throw new SkeinError(
      'weights-over-budget',
      `${reservation.bytes} bytes are needed, ${free} are left of ${this.limitBytes}`
    )
  }
}

/** Bytes that the files below a folder take on the disk; 0 where there is none. Holes take none. */
async function bytesBelow(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch((thrown: unknown) => {
    if (isMissing(thrown)) return []
    throw thrown
  })
  const sizes = await Promise.all(names.map((name) => bytesOnDisk(path.join(folder, name))))
  return sizes.reduce((sum, each) => sum + each, 0)
}

/** Bytes that a file takes on the disk; 0 where there is none. Holes take none. */
export async function bytesOnDisk(file: string): Promise<number> {
  const stats = await stat(file).catch((thrown: unknown) => {
    if (isMissing(thrown)) return undefined
    throw thrown
  })
  if (stats?.isFile() !== true) return 0
  // Windows counts no blocks, and some file systems on the other two give none.
  return stats.blocks > 0 ? Math.min(stats.size, stats.blocks * 512) : stats.size
}
