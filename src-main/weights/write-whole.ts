import { randomBytes } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { storeFault } from './store-fault.ts'

/** Replaces a small file: after a crash it holds all of the old text or all of the new. Throws `weights-unreadable` or `disk-full`. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const temporaryPath = `${path}.${randomBytes(6).toString('hex')}.partial`
  try {
    const file = await open(temporaryPath, 'wx', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporaryPath, path)
  } catch (thrown) {
    await rm(temporaryPath, { force: true })
    throw storeFault(thrown)
  }
}
