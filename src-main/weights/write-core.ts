import Hypercore, { type StaticManifest } from 'hypercore'
import type CorestoreStorage from 'hypercore-storage'
import type { CoreStorage, CoreWriter } from 'hypercore-storage'
import type { TreeNode } from 'hypercore-crypto'
import { SkeinError } from '#contract/errors.ts'
import { blocksPerPage, pageOf } from './bitfield-page.ts'
import { blockLength } from './block-size.ts'
import { MerkleTree } from './merkle-tree.ts'
import { storeFault } from './store-fault.ts'

/** Tree nodes written at once. */
const nodesPerBatch = 8192

export interface WholeCore {
  readonly manifest: StaticManifest
  /** Length of the model's file. */
  readonly bytes: number
  /** Hashes of all blocks, in order. */
  readonly hashes: AsyncIterable<Uint8Array>
  readonly onBlock?: (blocks: number) => void
  readonly signal?: AbortSignal
}

/**
 * Writes the tree of a core whose blocks are all in an outside file. The core counts as whole only with the last write, so that
 * an interrupted one is simply written again. The core must not be open. Throws `weights-unreadable`, `disk-full` or `cancelled`.
 */
export async function writeWholeCore(storage: CorestoreStorage, whole: WholeCore): Promise<void> {
  const { manifest } = whole
  const key = Hypercore.key(manifest)
  try {
    const core = await storage.createCore({
      key,
      manifest,
      keyPair: null,
      discoveryKey: Hypercore.discoveryKey(key)
    })
    try {
      await writeNodes(core, whole)
      await markWhole(core, manifest)
    } finally {
      await core.close()
    }
    await storage.flush()
  } catch (thrown) {
    throw storeFault(thrown)
  }
}

async function writeNodes(core: CoreStorage, whole: WholeCore): Promise<void> {
  let batch: TreeNode[] = []
  const tree = new MerkleTree((node) => batch.push(node))
  for await (const hash of whole.hashes) {
    if (whole.signal?.aborted === true) throw new SkeinError('cancelled')
    tree.append(hash, blockLength(tree.length, whole.bytes))
    if (batch.length < nodesPerBatch) continue
    await writeBatch(core, (writer) => batch.forEach((node) => writer.putTreeNode(node)))
    batch = []
    whole.onBlock?.(tree.length)
  }
  await writeBatch(core, (writer) => batch.forEach((node) => writer.putTreeNode(node)))
}

async function markWhole(core: CoreStorage, manifest: StaticManifest): Promise<void> {
  const { hash, length } = manifest.prologue
  await writeBatch(core, (writer) => {
    for (let page = 0; page * blocksPerPage < length; page++) {
      writer.putBitfieldPage(page, pageOf(Math.min(blocksPerPage, length - page * blocksPerPage)))
    }
    writer.setHead({ fork: 0, length, rootHash: hash, signature: null })
    writer.setHints({ contiguousLength: length, remoteContiguousLength: 0, recovering: 0 })
  })
}

async function writeBatch(core: CoreStorage, put: (writer: CoreWriter) => void): Promise<void> {
  const writer = core.write()
  put(writer)
  await writer.flush()
}
