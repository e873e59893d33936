declare module 'hypercore' {
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

  export default class Hypercore {
    constructor(storage: string)
    static key(manifest: StaticManifest): Uint8Array
    readonly length: number
    ready(): Promise<void>
    append(blocks: readonly Uint8Array[]): Promise<unknown>
    treeHash(): Promise<Uint8Array>
    close(): Promise<void>
  }
}
