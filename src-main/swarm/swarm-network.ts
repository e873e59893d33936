import Hyperswarm from 'hyperswarm'
import type { KeyPair, DhtAddress } from 'hyperdht'
import type SecretStream from '@hyperswarm/secret-stream'
import type { PeerKey } from '#contract/peer.ts'
import type { TopicRole, TopicStay } from '#contract/topics.ts'
import { GuardedDht, type WrapRawStream } from './guarded-dht.ts'
import { peerKeyOf, publicKeyOf } from './peer-key.ts'
import { TopicMeeting } from './topic-meeting.ts'

export interface NetworkOptions {
  readonly keyPair: KeyPair
  /** The DHT's first nodes; the public ones when absent. */
  readonly bootstrap?: readonly DhtAddress[]
  /** Address to bind to: 127.0.0.1 keeps everything on this computer. */
  readonly host?: string
  readonly wrapRawStream?: WrapRawStream
}

interface NetworkEvents {
  readonly isBanned: (peer: PeerKey) => boolean
  readonly onStream: (peer: PeerKey, stream: SecretStream) => void
}

/** Hyperswarm as the swarm uses it. It opens sockets when it is made, so it is made at the first join. */
export class SwarmNetwork {
  readonly #hyperswarm: Hyperswarm
  readonly #dht: GuardedDht

  constructor(options: NetworkOptions, events: NetworkEvents) {
    const { bootstrap, host, wrapRawStream } = options
    // Nothing stands between peers on one computer. Finding that out takes a node seconds in which it meets nobody.
    const loopback = host === '127.0.0.1' ? { ephemeral: true, firewalled: false } : {}
    const dht = new GuardedDht({ bootstrap, host, ...loopback }, wrapRawStream)
    this.#dht = dht
    this.#hyperswarm = new Hyperswarm({
      keyPair: options.keyPair,
      dht,
      firewall: (publicKey) => events.isBanned(peerKeyOf(publicKey))
    })
    this.#hyperswarm.on('connection', (stream) => {
      const { remotePublicKey } = stream
      if (remotePublicKey !== null) events.onStream(peerKeyOf(remotePublicKey), stream)
    })
  }

  /** Resolves when the topic is announced and the peers found at once are connected or given up. */
  async join(topic: Uint8Array): Promise<void> {
    // A DHT that knows nobody yet finds no peer, and says so at once, before it would try a relay.
    await this.#dht.fullyBootstrapped()
    const both = { server: true, client: true }
    const discovery = this.#hyperswarm.join(topic, both)
    await discovery.flushed()
    // Peers that join at the same moment look before the others are announced, and Hyperswarm looks again only after ten minutes.
    // Of any two, the one that was announced last now finds the other.
    await discovery.refresh(both)
    await this.#hyperswarm.flush()
  }

  /** A stay at another topic, where others are met who have the same thing to give and to take. */
  meet(topic: Uint8Array, role: TopicRole): TopicStay {
    const { isServer, isClient } = role
    const discovery = this.#hyperswarm.join(topic, { server: isServer, client: isClient })
    return new TopicMeeting(discovery, role)
  }

  leave(topic: Uint8Array): Promise<void> {
    return this.#hyperswarm.leave(topic)
  }

  seek(peer: PeerKey): void {
    this.#hyperswarm.joinPeer(publicKeyOf(peer))
  }

  stopSeeking(peer: PeerKey): void {
    this.#hyperswarm.leavePeer(publicKeyOf(peer))
  }

  /** Hyperswarm bans for good whoever its firewall refuses once; ours end. */
  unban(peer: PeerKey): void {
    this.#hyperswarm.peers.get(peer)?.ban(false)
  }

  close(): Promise<void> {
    return this.#hyperswarm.destroy()
  }
}
