import { mkdirSync, openSync } from 'node:fs'
import path from 'node:path'
import { tryLock, unlock } from 'fs-native-extensions'

/** Who may compute now, where several stages share the cores of one PC. */
export interface SharedCores {
  /** Calls `granted` once, at once if it can; the cores are held until `release`. */
  take(granted: () => void): void
  /** Gives the cores to the next one, or leaves the line. */
  release(): void
}

/** Cores that nobody else wants. */
export const ownCores: SharedCores = { take: (granted) => granted(), release: () => undefined }

/** A lock that any process may hold, one at a time, and that ends with the process. */
export interface CoreLock {
  tryLock(): boolean
  unlock(): void
}

/** Between two looks at a lock that someone else holds: a small part of any call that is worth a turn. */
const lookMillis = 1
/** Longest wait. A holder that was stopped in the middle of a call must not stop all others with it. */
const patienceMillis = 10_000

/**
 * Stages on one PC take turns, each with all cores. llama.cpp's threads spin while they wait for each other, so stages that
 * compute at once take the cores from each other's slowest thread: `npm run bench -- spine` has what turns bring. Who waits
 * holds `next`, and who comes back must have that first; so the cores go round, and nobody has them twice in a row while
 * another one waits.
 */
export class LockedCores implements SharedCores {
  readonly #now: CoreLock
  readonly #next: CoreLock
  readonly #after: (millis: number, work: () => void) => () => void
  readonly #held = new Set<CoreLock>()
  #endWait: (() => void) | undefined

  constructor(
    locks: { readonly now: CoreLock; readonly next: CoreLock },
    /** Returns what calls it off. */
    after = afterMillis
  ) {
    this.#now = locks.now
    this.#next = locks.next
    this.#after = after
  }

  take(granted: () => void): void {
    this.#look(granted, patienceMillis)
  }

  release(): void {
    this.#endWait?.()
    this.#endWait = undefined
    for (const lock of this.#held) lock.unlock()
    this.#held.clear()
  }

  #look(granted: () => void, patience: number): void {
    this.#endWait = undefined
    const hasThem = this.#lock(this.#next) && this.#lock(this.#now)
    if (!hasThem && patience > 0) {
      this.#endWait = this.#after(lookMillis, () => this.#look(granted, patience - lookMillis))
      return
    }
    this.#unlock(this.#next)
    granted()
  }

  #lock(lock: CoreLock): boolean {
    if (this.#held.has(lock)) return true
    if (!lock.tryLock()) return false
    this.#held.add(lock)
    return true
  }

  #unlock(lock: CoreLock): void {
    if (this.#held.delete(lock)) lock.unlock()
  }
}

/**
 * The locks of a folder, which is made if need be: the operating system's, on a file each, because not all systems can lock parts
 * of one. Throws what `mkdirSync` and `openSync` do. The files stay open for as long as the process lives.
 */
export function coreLocks(folder: string): { readonly now: CoreLock; readonly next: CoreLock } {
  mkdirSync(folder, { recursive: true })
  const lockOf = (name: string): CoreLock => {
    const descriptor = openSync(path.join(folder, name), 'a', 0o600)
    return { tryLock: () => tryLock(descriptor), unlock: () => unlock(descriptor) }
  }
  return { now: lockOf('now'), next: lockOf('next') }
}

function afterMillis(millis: number, work: () => void): () => void {
  const timer = setTimeout(work, millis)
  return () => clearTimeout(timer)
}
