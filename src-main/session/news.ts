/** What happens beside the steps of a session, for one reader. */
export class News<Item> {
  readonly #items: Item[] = []
  #come = Promise.withResolvers<undefined>()

  add(item: Item): void {
    this.#items.push(item)
    this.#come.resolve(undefined)
  }

  /** Everything that has happened since the last call. */
  take(): readonly Item[] {
    this.#come = Promise.withResolvers()
    return this.#items.splice(0)
  }

  /** Yields what happens until `promise` is settled, then what came last; returns or throws what `promise` does. */
  async *until<Value>(promise: Promise<Value>): AsyncGenerator<Item, Value> {
    const settled = promise.then(
      () => true,
      () => true
    )
    for (;;) {
      const isSettled = await Promise.race([settled, this.#come.promise.then(() => false)])
      yield* this.take()
      if (isSettled) return await promise
    }
  }
}
