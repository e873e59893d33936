import { closeSync, openSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { tryLock, unlock } from 'fs-native-extensions'
import { z } from 'zod'
import { SkeinError } from '#contract/errors.ts'
import { isMissing, storeFault } from './store-fault.ts'
import { writeWhole } from './write-whole.ts'

/**
 * Version 2 keeps the blocks that came from peers in files of their own; version 1 had them in the database, where they are still
 * found: only the number changes, so that an older Skein leaves the store alone.
 */
const storeVersion = 2
const storeSchema = z.object({ version: z.int().min(1) })

/** The folders of a weights store. */
export interface StoreFolder {
  /** Trees and bitfields: Hypercore's own storage. */
  readonly cores: string
  /** A folder for each model: the blocks that came from peers. */
  readonly blocks: string
  /** One record for each model. */
  readonly models: string
  /** What an interrupted import needs to go on. */
  readonly imports: string
  /** Ends this process's claim to the store. */
  release(): void
}

/**
 * Opens the folder of a store for this process alone, and makes it where there is none. The lock is the operating system's and
 * ends with the process. Throws `weights-in-use`, `weights-newer`, `weights-unreadable` or `disk-full`.
 */
export async function openStoreFolder(folder: string): Promise<StoreFolder> {
  const folders = {
    cores: path.join(folder, 'cores'),
    blocks: path.join(folder, 'blocks'),
    models: path.join(folder, 'models'),
    imports: path.join(folder, 'imports')
  }
  const release = await lock(folder)
  try {
    await checkVersion(path.join(folder, 'store.json'))
    for (const each of Object.values(folders)) await mkdir(each, { recursive: true })
    return { ...folders, release }
  } catch (thrown) {
    release()
    throw storeFault(thrown)
  }
}

async function lock(folder: string): Promise<() => void> {
  const lockFile = path.join(folder, 'store.lock')
  const descriptor = await openLockFile(folder, lockFile)
  if (!tryLock(descriptor)) {
    closeSync(descriptor)
    throw new SkeinError('weights-in-use', lockFile)
  }
  return () => {
    unlock(descriptor)
    closeSync(descriptor)
  }
}

async function openLockFile(folder: string, lockFile: string): Promise<number> {
  try {
    await mkdir(folder, { recursive: true })
    return openSync(lockFile, 'a', 0o600)
  } catch (thrown) {
    throw storeFault(thrown)
  }
}

async function checkVersion(file: string): Promise<void> {
  const text = await readIfThere(file)
  const version = text === undefined ? 0 : storeSchema.parse(JSON.parse(text)).version
  if (version > storeVersion) throw new SkeinError('weights-newer', `version ${version}`)
  if (version < storeVersion) {
    await writeWhole(file, `${JSON.stringify({ version: storeVersion })}\n`)
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (thrown) {
    if (isMissing(thrown)) return undefined
    throw thrown
  }
}
