declare module 'hypercore' {
  import type SecretStream from '@hyperswarm/secret-stream'
  import type { Channel } from 'protomux'

  /** A core that nobody signs: its key is a hash of its content. */
  export interface StaticManifest {
    readonly version: 1
    readonly hash: 'blake2b'
    readonly allowPatch: false
    readonly quorum: 0
    readonly signers: readonly []
    readonly prologue: { readonly hash: Uint8Array; readonly length: number }
    readonly linked: null
    readonly userData: null
  }

  /** What a peer asks for. `block` is `null` where it asks for parts of the tree only. */
  export interface BlockRequest {
    readonly id: number
    readonly block: { readonly index: number } | null
  }

  /** One peer's end of one core's replication. */
  export interface ReplicationPeer {
    readonly remotePublicKey: Uint8Array
    readonly stream: SecretStream
    /** Requests on their way to this peer. */
    readonly inflight: number
    /** Hypercore asks this peer for nothing more: it sent wrong data, or refused too often. */
    readonly paused: boolean
    readonly channel: Channel
    /** It has every block below this one, as far as it said. */
    readonly remoteContiguousLength: number
    /** Blocks that it has beside those, as far as it said. */
    readonly remoteBitfield: { get(index: number): boolean }
    readonly replicator: {
      /** Asks it for as much of what is wanted as may be on its way at once. */
      updatePeer(peer: ReplicationPeer): void
    }
    /** Called for each of its requests, and when it takes one back. */
    onrequest: (request: BlockRequest) => Promise<void>
    oncancel: (cancelled: { readonly request: number }) => void
    readonly wireNoData: {
      send(answer: { readonly request: number; readonly reason: number }): boolean
    }
  }

  export interface Download {
    /** Resolves when all blocks are here; rejects when the session closes. */
    done(): Promise<unknown>
    destroy(): void
  }

  interface HypercoreEvents {
    append: []
    'peer-add': [peer: ReplicationPeer]
    'peer-remove': [peer: ReplicationPeer]
    download: [index: number, bytes: number, from: ReplicationPeer]
    upload: [index: number, bytes: number, to: ReplicationPeer]
    'verification-error': [error: Error, request: unknown, response: unknown, from: ReplicationPeer]
  }

  /** The one core behind all its sessions. */
  export interface InnerCore {
    /** Only when no session is open. */
    close(): Promise<void>
  }

  export default class Hypercore {
    constructor(storage: string)
    static key(manifest: StaticManifest): Uint8Array
    static discoveryKey(key: Uint8Array): Uint8Array
    readonly key: Uint8Array
    readonly discoveryKey: Uint8Array
    /** Blocks of the whole core, held or not; 0 until a peer proved it. */
    readonly length: number
    readonly byteLength: number
    readonly peers: readonly ReplicationPeer[]
    readonly core: InnerCore
    ready(): Promise<void>
    append(blocks: readonly Uint8Array[]): Promise<unknown>
    treeHash(): Promise<Uint8Array>
    has(start: number, end?: number): Promise<boolean>
    /** `null` when `wait` is false and the block is not here. */
    get(index: number, options?: { readonly wait?: boolean }): Promise<Uint8Array | null>
    update(options?: { readonly wait?: boolean }): Promise<boolean>
    /** `linear`: asks for the blocks in their order, rather than in any. */
    download(range: {
      readonly start: number
      readonly end: number
      readonly linear?: boolean
    }): Download
    on<Event extends keyof HypercoreEvents>(
      event: Event,
      listener: (...args: HypercoreEvents[Event]) => void
    ): this
    off<Event extends keyof HypercoreEvents>(
      event: Event,
      listener: (...args: HypercoreEvents[Event]) => void
    ): this
    /** Asks the peer of this connection for blocks, and offers it ours. */
    replicate(connection: SecretStream): unknown
    close(): Promise<void>
  }
}
