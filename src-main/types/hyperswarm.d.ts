declare module 'hyperswarm' {
  import type SecretStream from '@hyperswarm/secret-stream'
  import type DHT from 'hyperdht'
  import type { KeyPair } from 'hyperdht'

  export interface HyperswarmOptions {
    readonly keyPair: KeyPair
    readonly dht: DHT
    readonly maxPeers?: number
    /** Returns true to refuse the peer; Hyperswarm then marks it as banned for good. */
    readonly firewall?: (remotePublicKey: Uint8Array) => boolean
  }

  export interface PeerInfo {
    readonly publicKey: Uint8Array
    banned: boolean
    ban(banned: boolean): void
  }

  export interface Discovery {
    flushed(): Promise<boolean>
    refresh(options: { readonly server: boolean; readonly client: boolean }): Promise<boolean>
    destroy(): Promise<void>
  }

  export default class Hyperswarm {
    constructor(options: HyperswarmOptions)
    readonly peers: ReadonlyMap<string, PeerInfo>
    readonly connections: ReadonlySet<SecretStream>
    on(event: 'connection', listener: (connection: SecretStream, info: PeerInfo) => void): this
    join(
      topic: Uint8Array,
      options?: { readonly server?: boolean; readonly client?: boolean }
    ): Discovery
    leave(topic: Uint8Array): Promise<void>
    joinPeer(publicKey: Uint8Array): void
    leavePeer(publicKey: Uint8Array): void
    flush(): Promise<boolean>
    listen(): Promise<void>
    destroy(options?: { readonly force?: boolean }): Promise<void>
  }
}
