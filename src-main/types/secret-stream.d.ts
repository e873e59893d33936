declare module '@hyperswarm/secret-stream' {
  import type { Socket } from 'node:net'
  import type { Duplex } from 'streamx'

  /** What the secret stream asks of the stream below it. */
  export interface RawStream extends Duplex {
    /** Called with the bytes that a frame still lacks, before memory is set aside for it. */
    setContentSize?: (bytes: number) => void
    /** UDX packets of any kind that came, acknowledgements too. */
    readonly packetsReceived?: number
  }

  export interface SecretStreamOptions {
    readonly keepAlive?: number
    /** False: `start` is called later. */
    readonly autoStart?: boolean
  }

  /** An encrypted, authenticated duplex of whole frames. */
  export default class SecretStream extends Duplex {
    constructor(
      isInitiator: boolean,
      rawStream: RawStream | Socket | null,
      options?: SecretStreamOptions
    )
    readonly isInitiator: boolean
    readonly publicKey: Uint8Array
    /** `null` before the handshake. */
    readonly remotePublicKey: Uint8Array | null
    /** The same at both ends and on no other connection; `null` before the handshake. */
    readonly handshakeHash: Uint8Array | null
    readonly rawStream: RawStream | null
    readonly rawBytesRead: number
    readonly rawBytesWritten: number
    /** Set by Protomux; `null` before. */
    userData: unknown
    start(rawStream: RawStream | null, options?: unknown): void
    /** A buffer with room around it, so that a frame is encrypted in place. */
    alloc(bytes: number): Uint8Array
  }
}
