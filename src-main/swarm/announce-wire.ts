import type { Channel, Message } from 'protomux'
import type { SealedAnnouncement } from './sealed-announcement.ts'
import { addMessage } from './stage-wire.ts'
import { announceMessage, gossipMessage, pingMessage, type News } from './wire/peer-messages.ts'

export interface AnnounceWireHandlers {
  announcement(announcement: SealedAnnouncement): void
  /** News of others, for which it wants some of ours. */
  gossip(news: readonly News[]): void
  /** What it has to say in return for ours. */
  gossiped(news: readonly News[]): void
  ping(nonce: number): void
  pong(nonce: number): void
  fault(error: unknown): void
}

/** The channel `skein/announce/2`. The order of the messages is part of the version. */
export class AnnounceWire {
  readonly announcement: Message<SealedAnnouncement>
  readonly gossip: Message<readonly News[]>
  readonly gossiped: Message<readonly News[]>
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
    this.gossip = addMessage(channel, gossipMessage, (news) => handlers.gossip(news), fault)
    this.gossiped = addMessage(channel, gossipMessage, (news) => handlers.gossiped(news), fault)
    this.pong = addMessage(channel, pingMessage, (nonce) => handlers.pong(nonce), fault)
  }
}
