import DHT from 'hyperdht'
import SecretStream from '@hyperswarm/secret-stream'
import type { ConnectOptions, DhtOptions, DhtServer } from 'hyperdht'
import type { RawStream, SecretStreamOptions } from '@hyperswarm/secret-stream'
import { SkeinError } from '#contract/errors.ts'
import { maxFrameBytes } from './wire-limits.ts'

/** Puts something between the encrypted stream and the network: how tests shape and cut links. */
export type WrapRawStream = (raw: RawStream, remotePublicKey: () => Uint8Array | null) => RawStream

/**
 * A DHT whose connections refuse frames over the size limit. The secret stream takes frames of up to 16 MB and sets memory
 * aside as soon as it knows a frame's length; here the connection ends before that.
 */
export class GuardedDht extends DHT {
  readonly #wrap: WrapRawStream

  constructor(options: DhtOptions, wrap: WrapRawStream = (raw) => raw) {
    super(options)
    this.#wrap = wrap
  }

  override connect(publicKey: Uint8Array, options: ConnectOptions = {}): SecretStream {
    return super.connect(publicKey, { ...options, createSecretStream: this.#createStream })
  }

  override createServer(
    options: ConnectOptions,
    onConnection: (connection: SecretStream) => void
  ): DhtServer {
    return super.createServer({ ...options, createSecretStream: this.#createStream }, onConnection)
  }

  readonly #createStream = (
    isInitiator: boolean,
    raw: RawStream | null,
    options: SecretStreamOptions
  ): SecretStream => new LimitedSecretStream(isInitiator, raw, options, this.#wrap)
}

class LimitedSecretStream extends SecretStream {
  #wrap: WrapRawStream | undefined

  constructor(
    isInitiator: boolean,
    raw: RawStream | null,
    options: SecretStreamOptions,
    wrap: WrapRawStream
  ) {
    super(isInitiator, null, { ...options, autoStart: false })
    this.#wrap = wrap
    if (raw !== null) this.start(raw, options)
  }

  override start(raw: RawStream, options?: SecretStreamOptions): void {
    const below = this.#wrap?.(raw, () => this.remotePublicKey) ?? raw
    below.setContentSize = (bytes) => {
      if (bytes > maxFrameBytes) this.destroy(new SkeinError('message-too-large', `${bytes} bytes`))
    }
    super.start(below, options)
  }
}
