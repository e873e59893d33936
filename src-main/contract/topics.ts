/** What a peer does at a topic. */
export interface TopicRole {
  /** Is found there: it has what the topic stands for. */
  readonly isServer: boolean
  /** Looks for those who are found there. */
  readonly isClient: boolean
}

/** One stay at one topic. */
export interface TopicStay {
  /** Changes the role; what stays as it is costs nothing. */
  setRole(role: TopicRole): void
  /** Ends it. Connections that came of it stay. */
  leave(): void
}

/** Where peers of one network meet who have the same thing to give and to take. Whoever is met comes as a connection of the network. */
export interface Topics {
  /** `name`: the same for all peers of the network; up to 200 characters. Goes on by itself until it is left. */
  join(name: string, role: TopicRole): TopicStay
}
