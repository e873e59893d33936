import type { Discovery } from 'hyperswarm'
import type { TopicRole, TopicStay } from '#contract/topics.ts'

/**
 * Between one look for others and the next; each wait is twice the last. Hyperswarm looks when a topic is joined, and then every ten
 * minutes: who is announced a moment later, and looks for nobody, would not be met before.
 */
const firstLookMs = 1000
const longestLookMs = 60_000

/** A stay at one topic, by Hyperswarm. */
export class TopicMeeting implements TopicStay {
  readonly #discovery: Discovery
  #role: TopicRole
  #waitMs = firstLookMs
  #timer: NodeJS.Timeout | undefined

  constructor(discovery: Discovery, role: TopicRole) {
    this.#discovery = discovery
    this.#role = role
    // What fails to be announced or looked up now is tried again.
    discovery.flushed().catch(() => undefined)
    this.#lookLater()
  }

  setRole(role: TopicRole): void {
    const { isServer, isClient } = this.#role
    if (role.isServer === isServer && role.isClient === isClient) return
    this.#role = role
    this.#waitMs = firstLookMs
    this.#refresh()
    this.#lookLater()
  }

  leave(): void {
    clearTimeout(this.#timer)
    this.#discovery.destroy().catch(() => undefined)
  }

  #lookLater(): void {
    clearTimeout(this.#timer)
    if (!this.#role.isClient) return
    this.#timer = setTimeout(() => {
      this.#refresh()
      this.#lookLater()
    }, this.#waitMs)
    this.#timer.unref()
    this.#waitMs = Math.min(longestLookMs, 2 * this.#waitMs)
  }

  #refresh(): void {
    const { isServer, isClient } = this.#role
    this.#discovery.refresh({ server: isServer, client: isClient }).catch(() => undefined)
  }
}
