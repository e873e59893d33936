import type SecretStream from '@hyperswarm/secret-stream'
import type { SkeinError } from '#contract/errors.ts'

interface Waiter {
  readonly resolve: () => void
  readonly reject: (error: SkeinError) => void
}

/** Writers that wait until a connection has sent what they gave it. */
export class ConnectionDrain {
  #waiters: Waiter[] = []
  #failed: SkeinError | undefined

  constructor(stream: SecretStream) {
    stream.on('drain', () => this.#release())
  }

  /** Resolves at the next drain. Throws what `fail` was told. */
  wait(): Promise<void> {
    if (this.#failed !== undefined) return Promise.reject(this.#failed)
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }))
  }

  /** The connection is gone. */
  fail(error: SkeinError): void {
    this.#failed = error
    for (const waiter of this.#takeAll()) waiter.reject(error)
  }

  #release(): void {
    for (const waiter of this.#takeAll()) waiter.resolve()
  }

  #takeAll(): Waiter[] {
    const waiters = this.#waiters
    this.#waiters = []
    return waiters
  }
}
