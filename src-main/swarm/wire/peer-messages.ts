import { maxPacketBytes, unseal, type SealedAnnouncement } from '../sealed-announcement.ts'
import { bytesUpTo, listUpTo, uintUpTo, type Codec } from './codec.ts'

/** What peers tell each other of themselves, and of others. Rare and small, so these are JSON behind a schema: easy to extend. */

const packet = bytesUpTo(maxPacketBytes)

export const announceMessage: Codec<SealedAnnouncement> = {
  preencode: (state, value) => packet.preencode(state, value.packet),
  encode: (state, value) => packet.encode(state, value.packet),
  decode: (state) => unseal(packet.decode(state))
}

/** News of another peer, and how long they still hold, in milliseconds: no longer than it says itself. */
export interface News extends SealedAnnouncement {
  readonly leftMs: number
}

/** Announcements in one message of gossip. */
export const maxNews = 8

const leftMs = uintUpTo(3_600_000)

const news: Codec<News> = {
  preencode(state, value) {
    leftMs.preencode(state, value.leftMs)
    announceMessage.preencode(state, value)
  },
  encode(state, value) {
    leftMs.encode(state, value.leftMs)
    announceMessage.encode(state, value)
  },
  decode: (state) => ({ leftMs: leftMs.decode(state), ...announceMessage.decode(state) })
}

export const gossipMessage: Codec<readonly News[]> = listUpTo(news, maxNews)

/** Answers a ping with its number. */
export const pingMessage: Codec<number> = uintUpTo(0xffff_ffff)
