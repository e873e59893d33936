declare module 'corestore' {
  import type { Duplex } from 'streamx'
  import type SecretStream from '@hyperswarm/secret-stream'
  import type Hypercore from 'hypercore'
  import type CorestoreStorage from 'hypercore-storage'

  export default class Corestore {
    constructor(storage: CorestoreStorage)
    ready(): Promise<void>
    get(options: { readonly key: Uint8Array }): Hypercore
    /** Offers every stored core to a peer that knows its key, and asks it for those that are downloading. */
    replicate(connection: SecretStream): Duplex
    /** A stream of its own, to be piped into another's. */
    replicate(isInitiator: boolean): Duplex
    close(): Promise<void>
  }
}
