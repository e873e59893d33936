import { createHmac, timingSafeEqual } from 'node:crypto'

/** Which end of a connection proves: an end that repeats the other's proof proves nothing. */
export type ConnectionEnd = 'initiator' | 'responder'

/**
 * The key by which members of a network know each other. The topic does not give it away: both are hashes of the secret. Networks without
 * a secret use the empty one, which everybody knows.
 */
export function membershipKey(secret: string): Uint8Array {
  return createHmac('sha256', 'skein/member/1').update(secret).digest()
}

/**
 * Proves that one end of a connection knows the network's key: a keyed hash of the hash of this connection's Noise handshake. It is worth
 * nothing on any other connection, so that nobody who sees it, or stands between two members, can use it.
 */
export function membershipProof(
  key: Uint8Array,
  handshakeHash: Uint8Array,
  end: ConnectionEnd
): Uint8Array {
  return createHmac('sha256', key).update(end).update(handshakeHash).digest()
}

/** In a time that does not tell how much of it is right. */
export function isSameProof(proof: Uint8Array, expected: Uint8Array): boolean {
  return proof.byteLength === expected.byteLength && timingSafeEqual(proof, expected)
}
