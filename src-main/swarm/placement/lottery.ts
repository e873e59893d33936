import type { LayerRange } from '#contract/model.ts'
import type { PeerKey } from '#contract/peer.ts'

/**
 * A number in [0, 1) that looks random, and is the same whenever the same peer thinks of the same range: peers that must choose among
 * equals choose differently, each the same again after a restart, when the weights are on its disk (highest random weight hashing,
 * Thaler and Ravishankar 1998; the hash is FNV-1a with a final mix).
 */
export function lot(peer: PeerKey, { first, end }: LayerRange): number {
  let hash = 0x811c9dc5
  const text = `${peer}/${first}/${end}`
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}
