import crypto, { type TreeNode } from 'hypercore-crypto'

/**
 * A Hypercore's Merkle tree, grown block by block from the left. Holds the roots only, so memory does not grow with the
 * file; `onNode` gets every node as soon as it is final. Nodes are numbered as a flat in-order tree: block `i` is node `2i`.
 */
export class MerkleTree {
  readonly #roots: TreeNode[] = []
  readonly #onNode: (node: TreeNode) => void
  #length = 0

  constructor(onNode: (node: TreeNode) => void = () => undefined) {
    this.#onNode = onNode
  }

  /** Blocks so far. */
  get length(): number {
    return this.#length
  }

  /** Adds the next block by its hash (`crypto.data`) and length. */
  append(hash: Uint8Array, size: number): void {
    this.#push({ index: 2 * this.#length++, size, hash })
    // As many subtrees of the same height end here as the length has trailing zero bits.
    for (let rest = this.#length; rest % 2 === 0; rest /= 2) this.#merge()
  }

  /** The hash of the whole tree. */
  hash(): Uint8Array {
    return crypto.tree(this.#roots)
  }

  #merge(): void {
    const right = this.#roots.pop()
    const left = this.#roots.pop()
    if (left === undefined || right === undefined) throw new RangeError('a tree without subtrees')
    this.#push({
      index: (left.index + right.index) / 2,
      size: left.size + right.size,
      hash: crypto.parent(left, right)
    })
  }

  #push(node: TreeNode): void {
    this.#roots.push(node)
    this.#onNode(node)
  }
}
