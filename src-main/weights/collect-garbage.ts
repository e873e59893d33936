import { readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import Hypercore from 'hypercore'
import type CorestoreStorage from 'hypercore-storage'
import type { ModelKey } from '#contract/model.ts'
import { deleteCoreByDiscoveryKey } from './delete-core.ts'
import { bytesOfKey } from './static-core.ts'

/**
 * Deletes what an interrupted fetch or removal left behind: cores and blocks of models that have no record. Nothing may be open yet.
 * Throws `weights-unreadable`.
 */
export async function collectGarbage(
  storage: CorestoreStorage,
  blocksFolder: string,
  kept: readonly ModelKey[]
): Promise<void> {
  const keptCores = new Set(kept.map((key) => hex(Hypercore.discoveryKey(bytesOfKey(key)))))
  const orphans: Uint8Array[] = []
  for await (const { discoveryKey } of storage.createCoreStream()) {
    if (!keptCores.has(hex(discoveryKey))) orphans.push(Uint8Array.from(discoveryKey))
  }
  for (const orphan of orphans) await deleteCoreByDiscoveryKey(storage, orphan)
  const keptFolders = new Set<string>(kept)
  for (const name of await readdir(blocksFolder)) {
    if (!keptFolders.has(name)) await rm(path.join(blocksFolder, name), { recursive: true })
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
