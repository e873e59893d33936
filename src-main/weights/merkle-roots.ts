import crypto, { type TreeNode } from 'hypercore-crypto'

/**
 * The roots of a Hypercore's Merkle tree, kept while blocks are appended: one node per power of two, so memory does not grow with
 * the file. Nodes are numbered as Hypercore numbers them: leaves even, a parent between its children.
 */
export class MerkleRoots {
  readonly #roots: TreeNode[] = []
  #blocks = 0

  /** Blocks so far. */
  get length(): number {
    return this.#blocks
  }

  append(block: Uint8Array): void {
    const index = this.#blocks * 2
    this.#roots.push({ index, size: block.byteLength, hash: crypto.data(block) })
    this.#blocks++
    this.#join()
  }

  /** Hash of the whole tree. */
  treeHash(): Uint8Array {
    return crypto.tree(this.#roots)
  }

  /** Two roots of the same height become one: as many times as the number of blocks divides by two. */
  #join(): void {
    for (let rest = this.#blocks; rest % 2 === 0; rest /= 2) {
      const right = this.#roots.pop()
      const left = this.#roots.pop()
      if (left === undefined || right === undefined) return
      this.#roots.push({
        index: (left.index + right.index) / 2,
        size: left.size + right.size,
        hash: crypto.parent(left, right)
      })
    }
  }
}
