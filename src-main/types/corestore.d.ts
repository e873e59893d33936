declare module 'corestore' {
  import type { Duplex } from 'streamx'
  import type SecretStream from '@hyperswarm/secret-stream'
  import type Hypercore from 'hypercore'
  import type CorestoreStorage from 'hypercore-storage'
  import type Protomux from 'protomux'

  export default class Corestore {
    constructor(storage: CorestoreStorage)
    ready(): Promise<void>
    /** Only active sessions ask peers for anything. */
    get(options: { readonly key: Uint8Array; readonly active?: boolean }): Hypercore
    /**
     * Offers every stored core to a peer that knows its key, and asks it for those that are downloading: over a connection, or
     * as a stream of its own (`true` at one end, `false` at the other), to be piped into another's.
     */
    replicate(connection: SecretStream | boolean): Duplex
    close(): Promise<void>
    /** A peer on this connection asks for a core by its discovery key. */
    protected _attachMaybe(muxer: Protomux, discoveryKey: Uint8Array): Promise<void>
  }
}
