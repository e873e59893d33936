import crypto from 'hypercore-crypto'

/** The topic under which the peers of a network meet: a hash, so that nobody on the DHT learns the secret from it. */
export function topicOf(secret: string): Uint8Array {
  return crypto.hash(Buffer.from(`skein/network/1/${secret}`))
}
