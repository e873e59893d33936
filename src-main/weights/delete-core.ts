import Hypercore from 'hypercore'
import type CorestoreStorage from 'hypercore-storage'
import type { ModelKey } from '#contract/model.ts'
import { bytesOfKey } from './static-core.ts'
import { storeFault } from './store-fault.ts'

/** Removes a closed core and gives its space back. Throws `weights-unreadable`. */
export function deleteCore(storage: CorestoreStorage, key: ModelKey): Promise<void> {
  return deleteCoreByDiscoveryKey(storage, Hypercore.discoveryKey(bytesOfKey(key)))
}

/** The same for a core of which the key is not known. Throws `weights-unreadable`. */
export async function deleteCoreByDiscoveryKey(
  storage: CorestoreStorage,
  discoveryKey: Uint8Array
): Promise<void> {
  try {
    const core = await storage.resumeCore(discoveryKey)
    if (core === null) return
    const writer = core.write()
    writer.deleteBlockRange(0, -1)
    writer.deleteTreeNodeRange(0, -1)
    writer.deleteBitfieldPageRange(0, -1)
    writer.deleteHead()
    await writer.flush()
    await storage.deleteCore(core.core)
    await core.close()
    await storage.flush()
    await storage.compact()
  } catch (thrown) {
    throw storeFault(thrown)
  }
}
