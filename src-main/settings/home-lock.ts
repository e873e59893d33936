import { closeSync, openSync } from 'node:fs'
import { tryLock, unlock } from 'fs-native-extensions'
import { SkeinError } from '#contract/errors.ts'

export interface HomeLock {
  release(): void
}

/**
 * Takes the data folder for this process. The lock is the operating system's: it ends with the process, however that
 * ends, so nothing stale is ever left. Throws `home-in-use` or `home-not-writable`.
 */
export function lockHome(lockFile: string): HomeLock {
  const descriptor = openLockFile(lockFile)
  if (!tryLock(descriptor)) {
    closeSync(descriptor)
    throw new SkeinError('home-in-use', lockFile)
  }
  return {
    release() {
      unlock(descriptor)
      closeSync(descriptor)
    }
  }
}

function openLockFile(lockFile: string): number {
  try {
    return openSync(lockFile, 'a', 0o600)
  } catch (thrown) {
    throw SkeinError.from(thrown, 'home-not-writable')
  }
}
