declare module 'hypercore-storage' {
  import type { TreeNode } from 'hypercore-crypto'
  import type { StaticManifest } from 'hypercore'

  /** Gathers reads; `tryFlush` sends them all at once, `destroy` none of them. */
  export interface CoreReader {
    getAuth(): Promise<unknown>
    getSessions(): Promise<unknown>
    getHead(): Promise<unknown>
    getDependency(): Promise<unknown>
    getGroup(): Promise<unknown>
    getHints(): Promise<unknown>
    getBlock(index: number): Promise<Uint8Array | null>
    getBitfieldPage(page: number): Promise<Uint8Array | null>
    getTreeNode(index: number): Promise<TreeNode | null>
    hasTreeNode(index: number): Promise<boolean>
    getUserData(key: string): Promise<Uint8Array | null>
    getMark(index: number): Promise<Uint8Array | null>
    getLocal(key: Uint8Array): Promise<Uint8Array | null>
    tryFlush(): void
    destroy(): void
  }

  /** Gathers writes; `flush` applies all of them or none. */
  export interface CoreWriter {
    putBlock: (index: number, block: Uint8Array) => unknown
    putTreeNode: (node: TreeNode) => unknown
    /** 4096 bytes: one bit for each of 32,768 blocks. */
    putBitfieldPage(page: number, bits: Uint8Array): void
    setHead(head: {
      readonly fork: number
      readonly length: number
      readonly rootHash: Uint8Array
      readonly signature: null
    }): void
    setHints(hints: {
      readonly contiguousLength: number
      readonly remoteContiguousLength: number
      readonly recovering: number
    }): void
    /** `end` -1: all from `start` on. */
    deleteBlockRange(start: number, end: number): void
    deleteTreeNodeRange(start: number, end: number): void
    deleteBitfieldPageRange(start: number, end: number): void
    deleteHead(): void
    flush: () => Promise<boolean>
  }

  /** Where one core keeps its blocks and tree. */
  export interface CoreStorage {
    readonly core: { readonly corePointer: number; readonly dataPointer: number }
    read: () => CoreReader
    write: () => CoreWriter
    /** Nodes by their index, ascending. */
    createTreeNodeStream(range: {
      readonly gte: number
      readonly lt: number
    }): AsyncIterable<TreeNode>
    close(): Promise<void>
  }

  export interface NewCore {
    readonly key: Uint8Array
    readonly manifest: StaticManifest | null
    readonly keyPair: null
    readonly discoveryKey: Uint8Array
  }

  /** A RocksDB of cores. */
  export default class CorestoreStorage {
    /** Without `allowBackup` it is tied to the very folder it was made in, and to this process. */
    constructor(
      folder: string,
      options?: {
        readonly allowBackup?: boolean
        /** Bytes that RocksDB gathers in memory before it writes a file; it may hold several such buffers. */
        readonly writeBufferSize?: number
      }
    )
    ready(): Promise<void>
    /** All cores that are stored. */
    createCoreStream(): AsyncIterable<{ readonly discoveryKey: Uint8Array }>
    resumeCore(discoveryKey: Uint8Array): Promise<CoreStorage | null>
    /** Gives the stored core when there is one already. */
    createCore(core: NewCore): Promise<CoreStorage>
    /** Leaves blocks, tree and bitfield behind: delete those first. */
    deleteCore(core: CoreStorage['core']): Promise<void>
    /** Rewrites the database without what was deleted. */
    compact(): Promise<void>
    /** Moves what is in memory and log to the database's files. */
    flush(): Promise<void>
    close(): Promise<void>
  }
}
