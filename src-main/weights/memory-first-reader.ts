import type { TreeNode } from 'hypercore-crypto'
import type { CoreReader } from 'hypercore-storage'
import type { TreePages } from './tree-pages.ts'

export interface ReaderParts {
  /** A reader of the database itself. */
  readonly open: () => CoreReader
  readonly tree: TreePages
  /** A block, by the node that it has to match. */
  readonly readBlock: (leaf: TreeNode) => Promise<Uint8Array | null>
}

/**
 * Reads of one core that reach the database only for what is neither in memory nor in a file. Hypercore makes a reader for each node
 * that it looks at; most of them need no database at all.
 */
export class MemoryFirstReader implements CoreReader {
  readonly #parts: ReaderParts
  #database: CoreReader | undefined

  constructor(parts: ReaderParts) {
    this.#parts = parts
  }

  async getBlock(index: number): Promise<Uint8Array | null> {
    const leaf = await this.getTreeNode(2 * index)
    return leaf === null ? null : this.#parts.readBlock(leaf)
  }

  getTreeNode(index: number): Promise<TreeNode | null> {
    return this.#parts.tree.get(index)
  }

  async hasTreeNode(index: number): Promise<boolean> {
    return (await this.getTreeNode(index)) !== null
  }

  getAuth(): Promise<unknown> {
    return this.#open().getAuth()
  }

  getSessions(): Promise<unknown> {
    return this.#open().getSessions()
  }

  getHead(): Promise<unknown> {
    return this.#open().getHead()
  }

  getDependency(): Promise<unknown> {
    return this.#open().getDependency()
  }

  getGroup(): Promise<unknown> {
    return this.#open().getGroup()
  }

  getHints(): Promise<unknown> {
    return this.#open().getHints()
  }

  getBitfieldPage(page: number): Promise<Uint8Array | null> {
    return this.#open().getBitfieldPage(page)
  }

  getUserData(key: string): Promise<Uint8Array | null> {
    return this.#open().getUserData(key)
  }

  getMark(index: number): Promise<Uint8Array | null> {
    return this.#open().getMark(index)
  }

  getLocal(key: Uint8Array): Promise<Uint8Array | null> {
    return this.#open().getLocal(key)
  }

  tryFlush(): void {
    this.#database?.tryFlush()
  }

  destroy(): void {
    this.#database?.destroy()
  }

  #open(): CoreReader {
    this.#database ??= this.#parts.open()
    return this.#database
  }
}
