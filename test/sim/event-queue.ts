/** Events in the order of their times; those of the same time in the order in which they were added. A binary heap. */
export class EventQueue<E> {
  readonly #heap: { readonly at: number; readonly order: number; readonly event: E }[] = []
  #added = 0

  add(at: number, event: E): void {
    const heap = this.#heap
    const entry = { at, order: this.#added++, event }
    let index = heap.length
    heap.push(entry)
    while (index > 0) {
      const parent = (index - 1) >> 1
      const above = heap[parent]
      if (above === undefined || !isBefore(entry, above)) break
      heap[index] = above
      index = parent
    }
    heap[index] = entry
  }

  /** The next event up to `until`; `undefined` when there is none. */
  next(until: number): { readonly at: number; readonly event: E } | undefined {
    const heap = this.#heap
    const first = heap[0]
    if (first === undefined || first.at > until) return undefined
    const last = heap.pop()
    if (last !== undefined && last !== first) this.#sink(last)
    return first
  }

  #sink(entry: { readonly at: number; readonly order: number; readonly event: E }): void {
    const heap = this.#heap
    let index = 0
    for (;;) {
      const left = heap[2 * index + 1]
      const right = heap[2 * index + 2]
      const isRight = left !== undefined && right !== undefined && isBefore(right, left)
      const child = isRight ? right : left
      if (child === undefined || !isBefore(child, entry)) break
      heap[index] = child
      index = 2 * index + (isRight ? 2 : 1)
    }
    heap[index] = entry
  }
}

function isBefore(
  a: { readonly at: number; readonly order: number },
  b: { readonly at: number; readonly order: number }
): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}
