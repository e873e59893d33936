declare module 'hypercore-crypto' {
  /** A node of a Hypercore's Merkle tree, numbered as a flat in-order tree. */
  export interface TreeNode {
    readonly index: number
    readonly size: number
    readonly hash: Uint8Array
  }

  const crypto: {
    /** Hash of one block. */
    data(block: Uint8Array): Uint8Array
    parent(left: TreeNode, right: TreeNode): Uint8Array
    /** Hash of a whole tree by its roots, left to right. */
    tree(roots: readonly TreeNode[]): Uint8Array
    /** BLAKE2b, 32 bytes. */
    hash(data: Uint8Array): Uint8Array
    randomBytes(count: number): Uint8Array
    /** Ed25519. */
    sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array
    verify(message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean
  }
  export default crypto
}
