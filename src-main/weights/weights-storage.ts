import crypto, { type TreeNode } from 'hypercore-crypto'
import CorestoreStorage, {
  type CoreReader,
  type CoreStorage,
  type CoreWriter,
  type NewCore
} from 'hypercore-storage'
import type { PlacedBlock } from './block-files.ts'
import { MemoryFirstReader } from './memory-first-reader.ts'
import { TreePages } from './tree-pages.ts'

/** Bytes that RocksDB gathers before it writes a file. Trees and bitfields are small: the default of 64 MiB only costs memory. */
const writeBufferSize = 4 * 1024 * 1024

/** What stands between the blocks of one core and whoever reads or writes them. */
export interface BlockGate {
  /** The block, from wherever there is one that matches; `null` where it cannot be had. */
  find(index: number, matches: (block: Uint8Array) => boolean): Promise<Uint8Array | null>
  /** Keeps blocks that were checked. Throws `disk-full` or `weights-unreadable`. */
  keep(blocks: readonly PlacedBlock[]): Promise<void>
}

/**
 * Hypercore's storage for trees and bitfields. The blocks themselves are in files: the one that a person added, or the store's own. Each
 * block is checked against the core's tree whenever it is read, so that a file that changed can never be served. A core without a
 * gate gives no blocks and takes none.
 */
export class WeightsStorage extends CorestoreStorage {
  readonly #gates = new Map<string, BlockGate>()

  /** The folder may be moved, copied and restored; that one process has it at a time is the caller's to see to. */
  constructor(folder: string) {
    super(folder, { allowBackup: true, writeBufferSize })
  }

  /** Before the core is opened. */
  setGate(discoveryKey: Uint8Array, gate: BlockGate): void {
    this.#gates.set(hex(discoveryKey), gate)
  }

  removeGate(discoveryKey: Uint8Array): void {
    this.#gates.delete(hex(discoveryKey))
  }

  override async resumeCore(discoveryKey: Uint8Array): Promise<CoreStorage | null> {
    const storage = await super.resumeCore(discoveryKey)
    return storage === null ? null : this.#guard(storage, discoveryKey)
  }

  override async createCore(core: NewCore): Promise<CoreStorage> {
    return this.#guard(await super.createCore(core), core.discoveryKey)
  }

  #guard(storage: CoreStorage, discoveryKey: Uint8Array): CoreStorage {
    const id = hex(discoveryKey)
    const tree = new TreePages((start, end) =>
      storage.createTreeNodeStream({ gte: start, lt: end })
    )
    const read = storage.read.bind(storage)
    const write = storage.write.bind(storage)
    const readBlock = (leaf: TreeNode): Promise<Uint8Array | null> =>
      this.#readBlock(read, id, leaf)
    storage.read = () => new MemoryFirstReader({ open: read, tree, readBlock })
    storage.write = () => guardWriter(write(), tree, (blocks) => this.#keep(id, blocks))
    return storage
  }

  async #readBlock(
    read: CoreStorage['read'],
    id: string,
    leaf: TreeNode
  ): Promise<Uint8Array | null> {
    const index = leaf.index / 2
    const matches = (block: Uint8Array): boolean =>
      Buffer.compare(crypto.data(block), leaf.hash) === 0
    const gate = this.#gates.get(id)
    if (gate === undefined) return null
    return (await gate.find(index, matches)) ?? readFromDatabase(read(), index)
  }

  #keep(id: string, blocks: readonly PlacedBlock[]): Promise<void> {
    const gate = this.#gates.get(id)
    if (gate === undefined) throw new Error('blocks of a core that nobody opened')
    return gate.keep(blocks)
  }
}

/** Where stores of version 1 keep the blocks that came from peers. */
function readFromDatabase(reader: CoreReader, index: number): Promise<Uint8Array | null> {
  const block = reader.getBlock(index)
  reader.tryFlush()
  return block
}

/** Blocks are in their files before the database says that they are here: a crash between costs a block, never makes one up. */
function guardWriter(
  writer: CoreWriter,
  tree: TreePages,
  keep: (blocks: readonly PlacedBlock[]) => Promise<void>
): CoreWriter {
  const blocks: PlacedBlock[] = []
  const nodes: TreeNode[] = []
  const putTreeNode = writer.putTreeNode.bind(writer)
  const flush = writer.flush.bind(writer)
  writer.putBlock = (index, bytes) => blocks.push({ index, bytes })
  writer.putTreeNode = (node) => {
    nodes.push(node)
    putTreeNode(node)
  }
  writer.flush = async () => {
    if (blocks.length > 0) await keep(blocks)
    const isFlushed = await flush()
    await tree.written(nodes)
    return isFlushed
  }
  return writer
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
