import CorestoreStorage, {
  type CoreReader,
  type CoreStorage,
  type NewCore
} from 'hypercore-storage'
import crypto from 'hypercore-crypto'

/** Bytes that RocksDB gathers before it writes a file. A fetch keeps several such buffers full: the default of 64 MiB costs 70 MB more. */
const writeBufferSize = 16 * 1024 * 1024

/** What stands between the blocks of one core and whoever reads them. */
export interface BlockGate {
  /** A block that is kept outside the core's storage, as it is found there; `null` where it cannot be had. */
  readOutside(index: number): Promise<Uint8Array | null>
  /** What `readOutside` gave is not the block that the tree names: it goes to nobody. */
  onDamaged(index: number): void
  /** Whether a peer may have a block of so many bytes; resolves when its turn has come. */
  admit(bytes: number): Promise<boolean>
}

/**
 * Hypercore's storage, where the blocks of a core may also be a file that a person has anyway: no second copy of it is made. A
 * block from outside is checked against the core's tree each time, so that a file that changed can never be served.
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
    const read = storage.read.bind(storage)
    storage.read = (fork) => {
      const reader = read(fork)
      const gate = this.#gates.get(id)
      if (gate !== undefined) guardReader(reader, gate, fork !== undefined && fork >= 0)
      return reader
    }
    return storage
  }
}

function guardReader(reader: CoreReader, gate: BlockGate, isForPeer: boolean): void {
  const readStored = reader.getBlock.bind(reader)
  reader.getBlock = async (index) => {
    // Both lookups join the reader's batch, which is sent as soon as this call returns.
    const lookups = Promise.all([readStored(index), reader.getTreeNode(2 * index)])
    const [stored, leaf] = await lookups
    const block = stored ?? (leaf === null ? null : await readChecked(gate, index, leaf.hash))
    if (block === null || !isForPeer) return block
    return (await gate.admit(block.length)) ? block : null
  }
}

async function readChecked(
  gate: BlockGate,
  index: number,
  hash: Uint8Array
): Promise<Uint8Array | null> {
  const block = await gate.readOutside(index)
  if (block === null) return null
  if (Buffer.compare(crypto.data(block), hash) === 0) return block
  gate.onDamaged(index)
  return null
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
