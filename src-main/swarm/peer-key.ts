import { peerKeySchema, type PeerKey } from '#contract/peer.ts'

export function peerKeyOf(publicKey: Uint8Array): PeerKey {
  return peerKeySchema.parse(Buffer.from(publicKey).toString('hex'))
}

export function publicKeyOf(peer: PeerKey): Uint8Array {
  return Buffer.from(peer, 'hex')
}
