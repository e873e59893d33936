import type { ModelKey } from '#contract/model.ts'

interface Running {
  readonly stop: AbortController
  /** Settles with the fetch, never rejects. */
  readonly ended: Promise<unknown>
}

/** The fetches at work, so that a model's core is never closed under one. */
export class RunningFetches {
  readonly #byKey = new Map<ModelKey, Set<Running>>()

  /** Runs `work` until it is done, `signal` aborts, or `stop` is called; aborting is up to `work`. */
  async run<Result>(
    key: ModelKey,
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<Result>
  ): Promise<Result> {
    const stop = new AbortController()
    const any = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal])
    const result = work(any)
    const running = { stop, ended: result.catch(() => undefined) }
    const all = this.#byKey.get(key) ?? new Set()
    this.#byKey.set(key, all.add(running))
    try {
      return await result
    } finally {
      all.delete(running)
      if (all.size === 0) this.#byKey.delete(key)
    }
  }

  isRunning(key: ModelKey): boolean {
    return this.#byKey.has(key)
  }

  /** Resolves when no fetch of this model is at work any more. */
  async stop(key: ModelKey): Promise<void> {
    const all = [...(this.#byKey.get(key) ?? [])]
    for (const running of all) running.stop.abort()
    await Promise.all(all.map(({ ended }) => ended))
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#byKey.keys()].map((key) => this.stop(key)))
  }
}
