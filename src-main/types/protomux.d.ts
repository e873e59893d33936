declare module 'protomux' {
  import type { Encoder, State } from 'compact-encoding'
  import type SecretStream from '@hyperswarm/secret-stream'

  export interface MessageOptions<Sent> {
    readonly encoding: Encoder<Sent, Uint8Array>
    readonly onmessage: (payload: Uint8Array) => void
    readonly autoBatch?: boolean
  }

  export interface Message<Sent> {
    /** Returns false when the stream asks to wait for its next `drain`. */
    send(message: Sent): boolean
  }

  export interface Channel {
    readonly opened: boolean
    readonly closed: boolean
    open(handshake?: Uint8Array): void
    close(): void
    addMessage<Sent>(options: MessageOptions<Sent>): Message<Sent>
  }

  export interface ChannelOptions {
    readonly protocol: string
    /** Travels with the opening of the channel, in both directions. */
    readonly handshake?: Encoder<Uint8Array>
    readonly onopen?: (handshake: Uint8Array | null) => void
    readonly onclose?: (isRemote: boolean) => void
    readonly ondrain?: () => void
  }

  export default class Protomux {
    constructor(stream: SecretStream)
    readonly stream: SecretStream
    readonly drained: boolean
    /** `null` when the stream is gone or the channel is open already. */
    createChannel(options: ChannelOptions): Channel | null
    /** A peer asks for a channel; `state` stands behind the frame's type. */
    protected _onopensession(state: State): Promise<void> | null
    /** Whatever a frame made Protomux throw ends here. */
    protected _safeDestroy(error: unknown): void
  }
}
