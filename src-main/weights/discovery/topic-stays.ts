import type { TopicRole, Topics, TopicStay } from '#contract/topics.ts'

/** Keeps this peer at the topics that are wanted, and at no other. */
export class TopicStays {
  readonly #topics: Topics
  readonly #stays = new Map<string, TopicStay>()

  constructor(topics: Topics) {
    this.#topics = topics
  }

  /** Joins, changes roles and leaves until it is as wanted. */
  keep(wanted: ReadonlyMap<string, TopicRole>): void {
    for (const [name, stay] of this.#stays) {
      if (wanted.has(name)) continue
      stay.leave()
      this.#stays.delete(name)
    }
    for (const [name, role] of wanted) {
      const stay = this.#stays.get(name)
      if (stay === undefined) this.#stays.set(name, this.#topics.join(name, role))
      else stay.setRole(role)
    }
  }
}
