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
    let isSettled = false
    const settled = promise.then(
      () => void (isSettled = true),
      () => void (isSettled = true)
    )
    while (!isSettled) {
      await Promise.race([settled, this.#come.promise])
      yield* this.take()
    }
    return await promise
  }
}
