import Protomux from 'protomux'
import type SecretStream from '@hyperswarm/secret-stream'
import { SkeinError } from '#contract/errors.ts'
import { violation } from './wire/codec.ts'

/** Channels that one connection may ever ask for: hello, announce, stage, and one for each Hypercore that it replicates. */
const maxChannelOpens = 4096

/**
 * Protomux that survives hostile frames. Protomux ends the process on some errors that it takes for bugs of ours, and a frame can
 * bring them about: batches nested ten thousand deep end the stack. Here every such error costs the peer its connection, and no
 * more. Each channel that a peer asks for costs memory for as long as the connection lives, so their number is bounded.
 */
export class GuardedMux extends Protomux {
  readonly #refuse: (error: SkeinError) => void
  #opens = 0

  constructor(stream: SecretStream, refuse: (error: SkeinError) => void) {
    super(stream)
    this.#refuse = refuse
  }

  protected override _onopensession(
    ...args: Parameters<Protomux['_onopensession']>
  ): Promise<void> | null {
    if (++this.#opens > maxChannelOpens) throw violation('too many channels')
    return super._onopensession(...args)
  }

  protected override _safeDestroy(error: unknown): void {
    this.#refuse(SkeinError.from(error, 'protocol-violation'))
  }
}
