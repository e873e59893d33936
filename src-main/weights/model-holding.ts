import path from 'node:path'
import type Corestore from 'corestore'
import Hypercore from 'hypercore'
import { SkeinError } from '#contract/errors.ts'
import type { ModelKey } from '#contract/model.ts'
import { peerKeySchema, type PeerKey } from '#contract/peer.ts'
import type { StoredFile } from '#contract/weights.ts'
import type { ByteSource } from '#model/byte-source.ts'
import { readGguf } from '#model/gguf.ts'
import { BlockFiles, type PlacedBlock } from './block-files.ts'
import { blockLength } from './block-size.ts'
import { guardRequests } from './guard-requests.ts'
import { CoreSource, modelBytesOf } from './core-source.ts'
import { heldSegments } from './discovery/held-segments.ts'
import { segmentsOf } from './discovery/model-topics.ts'
import { stateOf } from './file-identity.ts'
import { storedAs, type ModelRecord } from './model-record.ts'
import { OutsideFile } from './outside-file.ts'
import { bytesOfKey } from './static-core.ts'
import type { UploadControl } from './upload-control.ts'
import type { BlockGate, WeightsStorage } from './weights-storage.ts'

export interface HoldingParts {
  readonly storage: WeightsStorage
  readonly cores: Corestore
  readonly uploads: UploadControl
  /** Where the blocks of each model are that came from peers. */
  readonly blocksFolder: string
}

/** One model that this computer keeps, or is about to: its open core, and the file that may hold its blocks. */
export class ModelHolding implements BlockGate {
  readonly key: ModelKey
  readonly core: Hypercore
  readonly #parts: HoldingParts
  #record: ModelRecord | undefined
  #outside: OutsideFile | undefined
  readonly #fetched: BlockFiles
  #isDamaged = false
  /** Settles when nobody reads its header any more. */
  #lookingAt: Promise<unknown> = Promise.resolve()

  private constructor(key: ModelKey, parts: HoldingParts, record: ModelRecord | undefined) {
    this.key = key
    this.#parts = parts
    this.#record = record
    if (record?.file !== undefined) this.#outside = new OutsideFile(record.file)
    this.#fetched = new BlockFiles(path.join(parts.blocksFolder, key))
    const bytes = bytesOfKey(key)
    parts.storage.setGate(Hypercore.discoveryKey(bytes), this)
    this.core = parts.cores.get({ key: bytes, active: false })
    this.core.on('peer-add', (peer) => {
      const name = peerKeySchema.parse(Buffer.from(peer.remotePublicKey).toString('hex'))
      guardRequests(peer, (index, isWanted) => this.#admit(name, index, isWanted))
    })
  }

  /** Without a record: a model of which nothing is known but its key. */
  static async open(
    key: ModelKey,
    parts: HoldingParts,
    record?: ModelRecord
  ): Promise<ModelHolding> {
    const holding = new ModelHolding(key, parts, record)
    await holding.core.ready()
    return holding
  }

  get record(): ModelRecord | undefined {
    return this.#record
  }

  setRecord(record: ModelRecord): void {
    this.#record = record
  }

  async describe(): Promise<StoredFile | undefined> {
    return this.#record && storedAs(this.#record, await this.state())
  }

  async state(): Promise<StoredFile['state']> {
    const file = this.#record?.file
    if (file !== undefined) {
      const found = await stateOf(file)
      if (found === 'missing') return 'file-missing'
      if (found === 'changed' || this.#isDamaged) return 'file-changed'
    }
    const { length } = this.core
    return length > 0 && (await this.core.has(0, length)) ? 'whole' : 'partial'
  }

  /** A session of the core that asks peers; to be closed by the caller. */
  async openForFetching(): Promise<Hypercore> {
    const core = this.#parts.cores.get({ key: bytesOfKey(this.key) })
    await core.ready()
    return core
  }

  /** Whether peers may have it, as far as the model itself is concerned. */
  get isShared(): boolean {
    // Of a model that is still coming, what is here is shared as well.
    return this.#record?.seeding !== false
  }

  /** The segments of its layers that are here; `undefined` where not even the header is. */
  segments(): Promise<readonly number[] | undefined> {
    const segments = this.#findSegments()
    this.#lookingAt = Promise.all([this.#lookingAt, segments])
    return segments
  }

  async #findSegments(): Promise<readonly number[] | undefined> {
    const record = this.#record
    if (record === undefined) return undefined
    // An adapter is small: it is found by its key alone.
    if ('base' in record) return []
    if ((await this.state()) === 'whole') return segmentsOf({ first: 0, end: record.info.layers })
    try {
      const gguf = await readGguf(this.source())
      return await heldSegments(gguf, (start, end) => this.core.has(start, end))
    } catch {
      // A file that is gone, a core that was closed meanwhile: there is nothing to give.
      return undefined
    }
  }

  /** The model's bytes as far as they are here. Reading others throws `model-not-here` or `model-file-changed`. */
  source(): ByteSource {
    return new CoreSource(modelBytesOf(this.core), (index) => this.readBlock(index))
  }

  async readBlock(index: number): Promise<Uint8Array> {
    const block = await this.core.get(index, { wait: false })
    if (block !== null) return block
    const hadFile = this.#record?.file !== undefined && (await this.core.has(index))
    throw new SkeinError(hadFile ? 'model-file-changed' : 'model-not-here', `block ${index}`)
  }

  async find(index: number, matches: (block: Uint8Array) => boolean): Promise<Uint8Array | null> {
    const outside = (await this.#outside?.read(index)) ?? null
    if (outside !== null && matches(outside)) return outside
    const fetched = await this.#fetched.read(index)
    if (fetched !== null && matches(fetched)) return fetched
    if (outside !== null) this.#isDamaged = true
    return null
  }

  keep(blocks: readonly PlacedBlock[]): Promise<void> {
    return this.#fetched.write(blocks)
  }

  /** The block may go when its peer's turn has come. */
  #admit(peer: PeerKey, index: number, isWanted: () => boolean): Promise<boolean> {
    if (!this.isShared) return Promise.resolve(false)
    const bytes = blockLength(index, this.core.byteLength)
    return this.#parts.uploads.admit({ peer, model: this.key, bytes, isWanted })
  }

  /** Closes the core for all, so that its storage may be written by others. */
  async close(): Promise<void> {
    await this.#lookingAt
    await this.core.close()
    await this.core.core.close()
    this.#parts.storage.removeGate(this.core.discoveryKey)
    await this.#outside?.close()
    await this.#fetched.close()
  }

  /** Gives the space of the blocks that came from peers back. */
  removeBlocks(): Promise<void> {
    return this.#fetched.remove()
  }
}
