import type { TopicRole, Topics, TopicStay } from '#contract/topics.ts'

/** Topics that only remember where somebody stays, and as what. */
export class FakeTopics implements Topics {
  readonly #roles = new Map<string, TopicRole>()
  /** Every name that was ever joined, in order. */
  readonly joined: string[] = []

  join(name: string, role: TopicRole): TopicStay {
    if (this.#roles.has(name)) throw new Error(`joined twice: ${name}`)
    this.joined.push(name)
    this.#roles.set(name, role)
    return {
      setRole: (next) => this.#roles.set(name, next),
      leave: () => this.#roles.delete(name)
    }
  }

  /** Names without `model/1/<key>`, in order: where it is found, and where it looks. */
  now(): { readonly found: readonly string[]; readonly looks: readonly string[] } {
    const names = (isIt: (role: TopicRole) => boolean): string[] =>
      [...this.#roles].flatMap(([name, role]) =>
        isIt(role) ? [name.replace(/^model\/1\/[0-9a-f]{64}/, '')] : []
      )
    return {
      found: names(({ isServer }) => isServer).toSorted(),
      looks: names(({ isClient }) => isClient).toSorted()
    }
  }
}
