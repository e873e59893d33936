import { announcementSchema, type Announcement } from '#contract/announce.ts'
import { textUpTo, uintUpTo, type Codec } from './codec.ts'

/** What peers tell each other of themselves. Rare and small, so these are JSON behind a schema: easy to extend. */

const announcementText = textUpTo(64 * 1024)

export const announceMessage: Codec<Announcement> = {
  preencode: (state, value) => announcementText.preencode(state, JSON.stringify(value)),
  encode: (state, value) => announcementText.encode(state, JSON.stringify(value)),
  decode: (state) => announcementSchema.parse(JSON.parse(announcementText.decode(state)))
}

/** Answers a ping with its number. */
export const pingMessage: Codec<number> = uintUpTo(0xffff_ffff)
