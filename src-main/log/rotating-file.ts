import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import path from 'node:path'

export interface RotatingFileOptions {
  readonly folder: string
  /** Without extension: `<name>.log`, then `<name>.1.log`, older ones with higher numbers. */
  readonly name: string
  /** A file that reaches this size is put aside. */
  readonly maxBytes: number
  /** Files put aside that are kept. */
  readonly keep: number
}

/**
 * Appends lines to a file that never grows beyond a size. Writes are synchronous: what was logged before a crash is
 * there after it. A disk that takes no more lines costs the lines, never the program.
 */
export class RotatingFile {
  readonly #options: RotatingFileOptions
  #descriptor: number | undefined
  #bytes = 0

  constructor(options: RotatingFileOptions) {
    this.#options = options
    this.#open()
  }

  write(line: string): void {
    if (this.#bytes >= this.#options.maxBytes) this.#rotate()
    if (this.#descriptor === undefined) return
    try {
      this.#bytes += writeSync(this.#descriptor, line)
    } catch {
      this.close()
    }
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor)
    this.#descriptor = undefined
  }

  #open(): void {
    try {
      mkdirSync(this.#options.folder, { recursive: true })
      this.#descriptor = openSync(this.#path(0), 'a', 0o600)
      this.#bytes = fstatSync(this.#descriptor).size
    } catch {
      this.#descriptor = undefined
    }
  }

  #rotate(): void {
    this.close()
    for (let age = this.#options.keep; age > 0; age--) {
      try {
        renameSync(this.#path(age - 1), this.#path(age))
      } catch {
        // Fewer files than may be kept, so far.
      }
    }
    this.#open()
  }

  #path(age: number): string {
    const { folder, name } = this.#options
    return path.join(folder, age === 0 ? `${name}.log` : `${name}.${age}.log`)
  }
}
