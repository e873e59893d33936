import crypto from 'hypercore-crypto'
import type { KeyPair } from 'hyperdht'
import { announcementSchema, type Announcement } from '#contract/announce.ts'
import { publicKeyOf } from './peer-key.ts'
import { violation } from './wire/codec.ts'

/** Bytes of one announcement, signature and all: enough for 64 stages. */
export const maxPacketBytes = 24 * 1024
/** Of an Ed25519 signature. */
const signatureBytes = 64
/** So that a signature on an announcement is one on nothing else. */
const purpose = Buffer.from('skein/announcement/2')

/**
 * An announcement, and the bytes that its peer signed. Others pass on the bytes as they came, never written anew, so that whoever hears of a
 * peer from another can tell that it is the peer's own word.
 */
export interface SealedAnnouncement {
  readonly announcement: Announcement
  readonly packet: Uint8Array
}

/** Signs with the key pair by which the peer is known; `announcement.peer` is its public key. */
export function seal(announcement: Announcement, { secretKey }: KeyPair): SealedAnnouncement {
  const body = Buffer.from(JSON.stringify(announcement))
  const signature = crypto.sign(Buffer.concat([purpose, body]), secretKey)
  return { announcement, packet: Buffer.concat([signature, body]) }
}

/** Throws `protocol-violation` on whatever is not an announcement signed by the peer that it names. */
export function unseal(packet: Uint8Array): SealedAnnouncement {
  if (packet.byteLength <= signatureBytes || packet.byteLength > maxPacketBytes) {
    throw violation('an announcement of a wrong size')
  }
  const body = packet.subarray(signatureBytes)
  const announcement = announcementSchema.parse(JSON.parse(Buffer.from(body).toString('utf8')))
  const signature = packet.subarray(0, signatureBytes)
  const signed = Buffer.concat([purpose, body])
  if (!crypto.verify(signed, signature, publicKeyOf(announcement.peer))) {
    throw violation('an announcement that its peer did not sign')
  }
  // A copy: the packet is a view into a frame, and would keep all of it in memory.
  return { announcement, packet: Uint8Array.from(packet) }
}
