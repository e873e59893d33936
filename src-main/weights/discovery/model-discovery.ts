import type { ModelKey } from '#contract/model.ts'
import type { TopicRole, Topics } from '#contract/topics.ts'
import { modelTopic, segmentTopic } from './model-topics.ts'
import { TopicStays } from './topic-stays.ts'

/** What is sought of a model. `header`: nothing is known of it yet but the key. */
type Sought = 'header' | readonly number[]

/**
 * Brings together who has layers of a model and who wants them. To be found are the segments that this peer has, as long as it may give
 * them; it looks for those that it fetches, as long as it does.
 */
export class ModelDiscovery {
  /** Segments that are given, by model. */
  readonly #given = new Map<ModelKey, readonly number[]>()
  readonly #sought = new Map<symbol, { readonly key: ModelKey; what: Sought }>()
  #stays: TopicStays | undefined

  /** Until then nobody is met. Once. */
  start(topics: Topics): void {
    this.#stays = new TopicStays(topics)
    this.#update()
  }

  /** Leaves every topic. */
  stop(): void {
    this.#stays?.keep(new Map())
    this.#stays = undefined
  }

  /** What peers may have of a model; `undefined`: nothing. */
  give(key: ModelKey, segments: readonly number[] | undefined): void {
    if (segments === undefined) this.#given.delete(key)
    else this.#given.set(key, segments)
    this.#update()
  }

  /** Looks for a model until `end` is called; for its header first, and for segments once they are known. */
  seek(key: ModelKey): { narrow(segments: readonly number[]): void; end(): void } {
    const id = Symbol(key)
    const entry: { readonly key: ModelKey; what: Sought } = { key, what: 'header' }
    this.#sought.set(id, entry)
    this.#update()
    return {
      narrow: (segments) => {
        entry.what = segments
        this.#update()
      },
      end: () => {
        this.#sought.delete(id)
        this.#update()
      }
    }
  }

  #update(): void {
    this.#stays?.keep(this.#wanted())
  }

  #wanted(): Map<string, TopicRole> {
    const wanted = new Map<string, TopicRole>()
    const add = (name: string, role: TopicRole): void => {
      const known = wanted.get(name) ?? { isServer: false, isClient: false }
      wanted.set(name, {
        isServer: known.isServer || role.isServer,
        isClient: known.isClient || role.isClient
      })
    }
    const giving = { isServer: true, isClient: false }
    for (const [key, segments] of this.#given) {
      add(modelTopic(key), giving)
      for (const segment of segments) add(segmentTopic(key, segment), giving)
    }
    const seeking = { isServer: false, isClient: true }
    for (const { key, what } of this.#sought.values()) {
      // A model of few layers, an adapter: who has any of it has it all.
      if (what === 'header' || what.length === 0) add(modelTopic(key), seeking)
      else for (const segment of what) add(segmentTopic(key, segment), seeking)
    }
    return wanted
  }
}
