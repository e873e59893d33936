import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { SkeinError } from '#contract/errors.ts'

/**
 * Replaces a file whole or not at all, also when the power fails, readable by its owner only. Throws `home-not-writable`.
 */
export function writeFileWhole(file: string, text: string): void {
  const temporary = `${file}.${process.pid}.new`
  try {
    const descriptor = openSync(temporary, 'w', 0o600)
    try {
      writeSync(descriptor, text)
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    renameSync(temporary, file)
  } catch (thrown) {
    rmSync(temporary, { force: true })
    throw SkeinError.from(thrown, 'home-not-writable')
  }
}
