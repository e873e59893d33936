/** Items that one side puts in and one reader takes out in order. Its bound is whoever fills it: see `streamCredit`. */
export class ItemQueue<Item> implements AsyncIterable<Item> {
  readonly #items: Item[] = []
  #ended = false
  #error: Error | undefined
  #wake: (() => void) | undefined

  push(item: Item): void {
    this.#items.push(item)
    this.#wake?.()
  }

  /** The reader gets what is in the queue, then the end. */
  end(): void {
    this.#ended = true
    this.#wake?.()
  }

  /** The reader gets what is in the queue, then the error. */
  fail(error: Error): void {
    this.#error ??= error
    this.#wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void> {
    for (;;) {
      if (this.#items.length > 0) yield* this.#items.splice(0)
      else if (this.#error !== undefined) throw this.#error
      else if (this.#ended) return
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
    }
  }
}
