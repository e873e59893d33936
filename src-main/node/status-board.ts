import type { NodeStatus } from '#contract/status.ts'

/** The node's status, and who watches it. */
export class StatusBoard {
  readonly #read: () => NodeStatus
  readonly #watchers = new Set<() => void>()

  constructor(read: () => NodeStatus) {
    this.#read = read
  }

  current(): NodeStatus {
    return this.#read()
  }

  /** Something that the status tells may have changed. */
  changed(): void {
    for (const wake of this.#watchers) wake()
  }

  /** The present status, then each one that differs from the last; a slow watcher misses what was between. */
  async *watch(signal: AbortSignal): AsyncGenerator<NodeStatus, void> {
    let shown: string | undefined
    let wake: () => void = () => undefined
    const onChange = (): void => wake()
    this.#watchers.add(onChange)
    signal.addEventListener('abort', onChange)
    try {
      while (!signal.aborted) {
        const changed = new Promise<void>((resolve) => {
          wake = resolve
        })
        const status = this.#read()
        const text = JSON.stringify(status)
        if (text === shown) {
          await changed
          continue
        }
        shown = text
        yield status
      }
    } finally {
      this.#watchers.delete(onChange)
      signal.removeEventListener('abort', onChange)
    }
  }
}
