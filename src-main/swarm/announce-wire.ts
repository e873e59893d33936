import type { Channel, Message } from 'protomux'
import type { Announcement } from '#contract/announce.ts'
import { addMessage } from './stage-wire.ts'
import { announceMessage, pingMessage } from './wire/peer-messages.ts'

export interface AnnounceWireHandlers {
  announcement(announcement: Announcement): void
  ping(nonce: number): void
  pong(nonce: number): void
  fault(error: unknown): void
}

/** The channel `skein/announce/1`. The order of the messages is part of the version. */
export class AnnounceWire {
  readonly announcement: Message<Announcement>
  readonly ping: Message<number>
  readonly pong: Message<number>

  constructor(channel: Channel, handlers: AnnounceWireHandlers) {
    const fault = (error: unknown): void => handlers.fault(error)
    this.announcement = addMessage(
      channel,
      announceMessage,
      (it) => handlers.announcement(it),
      fault
    )
    this.ping = addMessage(channel, pingMessage, (nonce) => handlers.ping(nonce), fault)
    this.pong = addMessage(channel, pingMessage, (nonce) => handlers.pong(nonce), fault)
  }
}
