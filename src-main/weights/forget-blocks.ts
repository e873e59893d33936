import Hypercore from 'hypercore'
import type CorestoreStorage from 'hypercore-storage'
import type { CoreStorage } from 'hypercore-storage'
import type { ModelKey } from '#contract/model.ts'
import { blocksPerPage, unset } from './bitfield-page.ts'
import { bytesOfKey } from './static-core.ts'
import { storeFault } from './store-fault.ts'

/**
 * Makes a closed core forget blocks, ascending; its tree stays whole. Hypercore's own `clear` (11.37.1) also deletes tree nodes that blocks
 * to the left of the cleared ones need: a core that was cleared in its middle cannot prove its neighbours any more.
 */
export async function forgetBlocks(
  storage: CorestoreStorage,
  key: ModelKey,
  blocks: readonly number[]
): Promise<void> {
  const first = blocks[0]
  if (first === undefined) return
  try {
    const core = await storage.resumeCore(Hypercore.discoveryKey(bytesOfKey(key)))
    if (core === null) return
    const writer = core.write()
    for (const [page, bits] of await pagesWithout(core, blocks)) writer.putBitfieldPage(page, bits)
    for (const block of blocks) writer.deleteBlockRange(block, block + 1)
    // Counted up again when the core opens.
    writer.setHints({ contiguousLength: 0, remoteContiguousLength: 0, recovering: 0 })
    await writer.flush()
    await core.close()
  } catch (thrown) {
    throw storeFault(thrown)
  }
}

async function pagesWithout(
  core: CoreStorage,
  blocks: readonly number[]
): Promise<Map<number, Uint8Array>> {
  const pages = new Map<number, Uint8Array>()
  for (const block of blocks) {
    const index = Math.floor(block / blocksPerPage)
    const page = pages.get(index) ?? (await readPage(core, index))
    if (page === null) continue
    unset(page, block % blocksPerPage)
    pages.set(index, page)
  }
  return pages
}

async function readPage(core: CoreStorage, index: number): Promise<Uint8Array | null> {
  const reader = core.read()
  const page = reader.getBitfieldPage(index)
  reader.tryFlush()
  const bits = await page
  return bits === null ? null : Uint8Array.from(bits)
}
