declare module 'hyperdht' {
  import type SecretStream from '@hyperswarm/secret-stream'
  import type { RawStream, SecretStreamOptions } from '@hyperswarm/secret-stream'

  export interface KeyPair {
    readonly publicKey: Uint8Array
    readonly secretKey: Uint8Array
  }

  export interface DhtAddress {
    readonly host: string
    readonly port: number
  }

  export interface DhtOptions {
    readonly bootstrap?: readonly DhtAddress[] | undefined
    readonly host?: string | undefined
    readonly port?: number | undefined
    readonly ephemeral?: boolean | undefined
    readonly firewalled?: boolean | undefined
  }

  export type CreateSecretStream = (
    isInitiator: boolean,
    rawStream: RawStream | null,
    options: SecretStreamOptions
  ) => SecretStream

  export interface ConnectOptions {
    /** Who connects; the DHT's own key pair when absent. */
    readonly keyPair?: KeyPair
    readonly createSecretStream?: CreateSecretStream
  }

  export interface DhtServer {
    close(): Promise<void>
  }

  export default class DHT {
    constructor(options?: DhtOptions)
    static keyPair(seed?: Uint8Array): KeyPair
    connect(publicKey: Uint8Array, options?: ConnectOptions): SecretStream
    createServer(
      options: ConnectOptions,
      onConnection: (connection: SecretStream) => void
    ): DhtServer
    address(): DhtAddress
    fullyBootstrapped(): Promise<void>
    destroy(options?: { readonly force?: boolean }): Promise<void>
  }
}

declare module 'hyperdht/testnet.js' {
  import type DHT from 'hyperdht'
  import type { DhtAddress } from 'hyperdht'

  export interface Testnet {
    readonly nodes: readonly DHT[]
    readonly bootstrap: readonly DhtAddress[]
    destroy(): Promise<void>
  }

  /** A DHT of `size` nodes on 127.0.0.1. */
  export default function createTestnet(size?: number): Promise<Testnet>
}
