import type { NodeStatus } from '#contract/status.ts'
import { watchValue } from './watch-value.ts'

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
  watch(signal: AbortSignal): AsyncGenerator<NodeStatus, void> {
    const subscribe = (listener: () => void): (() => void) => {
      this.#watchers.add(listener)
      return () => this.#watchers.delete(listener)
    }
    return watchValue(this.#read, subscribe, signal)
  }
}
