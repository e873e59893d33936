import type { TreeNode } from 'hypercore-crypto'

/** Nodes of one page: the subtrees of 4096 blocks, 256 MiB of a model. */
const nodesPerPage = 8192
const hashBytes = 32
/** Some 8 MB for each core in use. The upper parts of the tree take one page per level at most, the rest is where peers read now. */
const maxPages = 24

interface Page {
  readonly hashes: Buffer
  /** Bytes below each node; 0 where the tree has no node yet. */
  readonly sizes: Float64Array
}

/** Gives the stored nodes `[start, end)`, by their index. */
export type ScanNodes = (start: number, end: number) => AsyncIterable<TreeNode>

/**
 * The nodes of one core's tree, in memory as far as they are used. Hypercore looks at single nodes, several for each block, and most of
 * all at those that are not there yet; the database would change threads twice for each. Nodes of a core that nobody signs never
 * change, they only come.
 */
export class TreePages {
  readonly #scan: ScanNodes
  /** By their last use: the oldest first. */
  readonly #pages = new Map<number, Page>()
  readonly #loading = new Map<number, Promise<Page>>()

  constructor(scan: ScanNodes) {
    this.#scan = scan
  }

  /** `null` where the tree has no such node yet. Throws what the database throws. */
  async get(index: number): Promise<TreeNode | null> {
    const number = Math.floor(index / nodesPerPage)
    const page = this.#pages.get(number) ?? (await this.#load(number))
    this.#use(number, page)
    return nodeOf(page, index)
  }

  /** These nodes are stored now. */
  async written(nodes: readonly TreeNode[]): Promise<void> {
    for (const node of nodes) {
      const number = Math.floor(node.index / nodesPerPage)
      // A page that is being read may have been read before the node came.
      const page = this.#pages.get(number) ?? (await this.#loading.get(number))
      if (page !== undefined) put(page, node)
    }
  }

  #load(number: number): Promise<Page> {
    const known = this.#loading.get(number)
    if (known !== undefined) return known
    const loading = this.#read(number).finally(() => this.#loading.delete(number))
    this.#loading.set(number, loading)
    return loading
  }

  async #read(number: number): Promise<Page> {
    const page = {
      hashes: Buffer.alloc(nodesPerPage * hashBytes),
      sizes: new Float64Array(nodesPerPage)
    }
    const start = number * nodesPerPage
    for await (const node of this.#scan(start, start + nodesPerPage)) put(page, node)
    this.#use(number, page)
    return page
  }

  #use(number: number, page: Page): void {
    this.#pages.delete(number)
    this.#pages.set(number, page)
    const oldest = this.#pages.keys().next()
    if (this.#pages.size > maxPages && oldest.done !== true) this.#pages.delete(oldest.value)
  }
}

function put({ hashes, sizes }: Page, { index, size, hash }: TreeNode): void {
  const at = index % nodesPerPage
  hashes.set(hash, at * hashBytes)
  sizes[at] = size
}

function nodeOf({ hashes, sizes }: Page, index: number): TreeNode | null {
  const at = index % nodesPerPage
  const size = sizes[at] ?? 0
  if (size === 0) return null
  // A copy: whoever keeps a node would keep its page.
  return { index, size, hash: Buffer.from(hashes.subarray(at * hashBytes, (at + 1) * hashBytes)) }
}
