/** Adds a listener; gives what removes it. */
export type Subscribe = (listener: () => void) => () => void

/** The present value, then each one that differs from the last; a slow reader misses what was between. Ends when `signal` aborts. */
export async function* watchValue<Value>(
  read: () => Value,
  subscribe: Subscribe,
  signal: AbortSignal
): AsyncGenerator<Value, void> {
  let shown: string | undefined
  let wake: () => void = () => undefined
  const onChange = (): void => wake()
  const unsubscribe = subscribe(onChange)
  signal.addEventListener('abort', onChange)
  try {
    while (!signal.aborted) {
      const changed = new Promise<void>((resolve) => {
        wake = resolve
      })
      const value = read()
      const text = JSON.stringify(value)
      if (text === shown) {
        await changed
        continue
      }
      shown = text
      yield value
    }
  } finally {
    unsubscribe()
    signal.removeEventListener('abort', onChange)
  }
}
