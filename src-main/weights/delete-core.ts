import Hypercore from 'hypercore'
import type CorestoreStorage from 'hypercore-storage'
import type { ModelKey } from '#contract/model.ts'
import { bytesOfKey } from './static-core.ts'
import { storeFault } from './store-fault.ts'

/** Removes a closed core and gives its space back. Throws `weights-unreadable`. */
export async function deleteCore(storage: CorestoreStorage, key: ModelKey): Promise<void> {
  try {
    const core = await storage.resumeCore(Hypercore.discoveryKey(bytesOfKey(key)))
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
