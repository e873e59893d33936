import type { ControlClient } from '#contract/control-client.ts'

/** `locked`: the node runs, but no longer takes this page's cookie. */
export type ConnectionState =
  | { readonly kind: 'connecting' | 'lost' | 'locked' }
  | { readonly kind: 'open'; readonly client: ControlClient }

/** The way to the node, in the shape that React's external stores have. */
export interface Connection {
  readonly getState: () => ConnectionState
  /** Returns the end of the subscription. */
  readonly subscribe: (listener: () => void) => () => void
}

/** Holds the present state and tells who listens. */
export class ConnectionStore implements Connection {
  #state: ConnectionState = { kind: 'connecting' }
  readonly #listeners = new Set<() => void>()

  readonly getState = (): ConnectionState => this.#state

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  set(state: ConnectionState): void {
    this.#state = state
    for (const listener of this.#listeners) listener()
  }
}
