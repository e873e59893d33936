import Hypercore, { type StaticManifest } from 'hypercore'
import { modelKeySchema, type ModelKey } from '#contract/model.ts'
import type { MerkleTree } from './merkle-tree.ts'

/** What a core is that nobody signs: its content's tree and length, and nothing else. Its hash is the model key. */
export function staticManifest(tree: MerkleTree): StaticManifest {
  return {
    version: 1,
    hash: 'blake2b',
    allowPatch: false,
    quorum: 0,
    signers: [],
    prologue: { hash: tree.hash(), length: tree.length },
    linked: null,
    userData: null
  }
}

export function keyOf(manifest: StaticManifest): ModelKey {
  return modelKeySchema.parse(Buffer.from(Hypercore.key(manifest)).toString('hex'))
}

export function bytesOfKey(key: ModelKey): Buffer {
  return Buffer.from(key, 'hex')
}
