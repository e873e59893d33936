import crypto from 'hypercore-crypto'
import type { TopicRole, Topics, TopicStay } from '#contract/topics.ts'
import type { Swarm } from './swarm.ts'

/**
 * The topics inside one network. Their names are hashed together with the network's own topic, so that a private network's peers meet
 * nobody else there, and nobody on the DHT learns what they have.
 */
export class NetworkTopics implements Topics {
  readonly #swarm: Pick<Swarm, 'meet'>
  readonly #network: Uint8Array

  /** `network`: the topic that the swarm joined. */
  constructor(swarm: Pick<Swarm, 'meet'>, network: Uint8Array) {
    this.#swarm = swarm
    this.#network = network
  }

  join(name: string, role: TopicRole): TopicStay {
    const topic = crypto.hash(Buffer.concat([this.#network, Buffer.from(`/${name}`)]))
    return this.#swarm.meet(topic, role)
  }
}
