import type SecretStream from '@hyperswarm/secret-stream'
import { SkeinError } from '#contract/errors.ts'
import type { PeerKey } from '#contract/peer.ts'
import type { StageLink, StageService } from '#contract/stage.ts'
import { AnnounceWire } from './announce-wire.ts'
import { ConnectionDrain } from './connection-drain.ts'
import { GuardedMux } from './guarded-mux.ts'
import { Heartbeat } from './heartbeat.ts'
import { isSameProof, membershipProof } from './membership.ts'
import type { SealedAnnouncement } from './sealed-announcement.ts'
import { StageClient } from './stage-client.ts'
import { StageServer } from './stage-server.ts'
import { StageWire } from './stage-wire.ts'
import type { SwarmTiming } from './swarm-timing.ts'
import { TokenBucket } from './token-bucket.ts'
import { agreeOnVersions, spokenVersions, type AgreedVersions } from './versions.ts'
import { decodeWhole, encodeWhole, restOfMessage, violation } from './wire/codec.ts'
import { helloMessage, type Hello } from './wire/hello-message.ts'
import type { News } from './wire/peer-messages.ts'

export interface ConnectionOptions {
  readonly peer: PeerKey
  readonly stream: SecretStream
  /** Skein's version, for the peer's log. */
  readonly version: string
  readonly timing: SwarmTiming
  readonly now: () => number
  readonly service: StageService
  /** What members of the network prove that they know. */
  readonly membershipKey: Uint8Array
  /** The peer proved that it belongs to the network; nothing was said to it before. */
  readonly onMember: (connection: PeerConnection) => void
  /** Both ends agreed; `link` works from now on. */
  readonly onReady: (connection: PeerConnection) => void
  readonly onAnnouncement: (announcement: SealedAnnouncement) => void
  /** What the peer says of others. Returns what to tell it in return. */
  readonly onNews: (news: readonly News[], from: PeerKey) => readonly News[]
  /** Once. `peer-lost`, `protocol-version`, or what the peer did wrong. */
  readonly onClosed: (connection: PeerConnection, reason: SkeinError) => void
}

/** Everything between this peer and one other: proof of membership, hello, announcements, round trip, stages in both directions, and the end. */
export class PeerConnection {
  readonly peer: PeerKey
  readonly #options: ConnectionOptions
  readonly #stream: SecretStream
  readonly #mux: GuardedMux
  readonly #drain: ConnectionDrain
  readonly #heartbeat: Heartbeat
  readonly #announceBucket = new TokenBucket(30, 4)
  readonly #gossipBucket: TokenBucket
  /** Gossip of ours that the peer has not answered. */
  #asked = 0
  readonly #pingBucket = new TokenBucket(60, 10)
  readonly #openBucket = new TokenBucket(128, 30)
  readonly #strayBucket = new TokenBucket(256, 50)
  readonly #helloTimer: NodeJS.Timeout
  #announceWire: AnnounceWire | undefined
  #client: StageClient | undefined
  #server: StageServer | undefined
  #reason: SkeinError | undefined

  constructor(options: ConnectionOptions) {
    this.peer = options.peer
    this.#options = options
    this.#stream = options.stream
    this.#drain = new ConnectionDrain(options.stream)
    // A peer gossips with a random neighbour each time, so one with few neighbours comes back often.
    this.#gossipBucket = new TokenBucket(6, 2000 / options.timing.gossipMs)
    this.#heartbeat = new Heartbeat({
      ...options.timing,
      now: options.now,
      ping: (nonce) => this.#announceWire?.ping.send(nonce),
      heard: () => heardFrom(options.stream),
      isNeeded: () => (this.#client?.sessions ?? 0) + (this.#server?.sessions ?? 0) > 0,
      onSilent: () => {
        this.#client?.fallSilent()
        options.service.silent(this.peer)
      },
      onLost: () => this.end(new SkeinError('peer-lost', 'silent'))
    })
    options.stream.on('error', (error: Error) => this.#onStreamError(error))
    options.stream.on('close', () => this.#onClose())
    this.#mux = new GuardedMux(options.stream, (error) => this.end(error))
    this.#helloTimer = setTimeout(
      () => this.end(new SkeinError('peer-stalled', 'no hello')),
      options.timing.helloMs
    )
    this.#proveMembership()
  }

  /** The peer's stages; `undefined` until both ends agreed on versions. */
  get link(): StageLink | undefined {
    return this.#client
  }

  get roundTripMillis(): number | undefined {
    return this.#heartbeat.roundTripMillis
  }

  announce(announcement: SealedAnnouncement): void {
    this.#announceWire?.announcement.send(announcement)
  }

  /** Tells the peer of others; it answers with whom it knows. */
  gossip(news: readonly News[]): void {
    if (this.#announceWire === undefined) return
    this.#asked++
    this.#announceWire.gossip.send(news)
  }

  /** Ends the connection; `reason` is what `onClosed` reports. */
  end(reason: SkeinError): void {
    this.#reason ??= reason
    this.#stream.destroy()
  }

  /** First of all, and alone: a stranger who knows the topic learns nothing, not even which versions are spoken here. */
  #proveMembership(): void {
    const { membershipKey } = this.#options
    const { handshakeHash, isInitiator } = this.#stream
    if (handshakeHash === null) return this.end(new SkeinError('internal', 'no handshake'))
    const [own, theirs] = isInitiator
      ? (['initiator', 'responder'] as const)
      : (['responder', 'initiator'] as const)
    const channel = this.#mux.createChannel({
      protocol: 'skein/member/1',
      handshake: restOfMessage,
      onopen: (proof) => {
        const expected = membershipProof(membershipKey, handshakeHash, theirs)
        if (!isSameProof(proof ?? new Uint8Array(), expected)) {
          return this.end(new SkeinError('not-a-member'))
        }
        this.#options.onMember(this)
        this.#sayHello()
      },
      onclose: () => this.end(new SkeinError('not-a-member', 'the peer refused this one'))
    })
    channel?.open(membershipProof(membershipKey, handshakeHash, own))
  }

  #sayHello(): void {
    const channel = this.#mux.createChannel({
      protocol: 'skein/hello',
      handshake: restOfMessage,
      onopen: (handshake) => this.#onHello(handshake),
      onclose: () => this.end(new SkeinError('protocol-version', 'the peer closed the hello'))
    })
    const hello: Hello = { version: this.#options.version, protocols: protocolLists() }
    channel?.open(encodeWhole(helloMessage, hello))
  }

  #onHello(handshake: Uint8Array | null): void {
    clearTimeout(this.#helloTimer)
    try {
      const hello = decodeWhole(helloMessage, handshake ?? new Uint8Array())
      const agreed = agreeOnVersions(hello)
      if ('missing' in agreed) this.#part(`${agreed.missing}, Skein ${hello.version}`)
      else this.#openChannels(agreed)
    } catch (thrown) {
      this.end(SkeinError.from(thrown))
    }
  }

  /** Leaves a peer of another version gently: our hello must still reach it, so that it learns why. */
  #part(detail: string): void {
    this.#reason ??= new SkeinError('protocol-version', detail)
    this.#stream.end(undefined)
    setTimeout(() => this.#stream.destroy(), this.#options.timing.helloMs).unref()
  }

  #openChannels(agreed: AgreedVersions): void {
    const fault = (error: unknown): void => this.end(SkeinError.from(error))
    const announce = this.#mux.createChannel({ protocol: `skein/announce/${agreed.announce}` })
    const stage = this.#mux.createChannel({
      protocol: `skein/stage/${agreed.stage}`,
      onclose: () => this.end(new SkeinError('peer-lost', 'the peer closed the stage channel'))
    })
    if (announce === null || stage === null) return
    this.#announceWire = new AnnounceWire(announce, {
      announcement: (announcement) => this.#onAnnouncement(announcement),
      gossip: (news) => this.#onGossip(news),
      gossiped: (news) => this.#onGossiped(news),
      ping: (nonce) => this.#onPing(nonce),
      pong: (nonce) => this.#heartbeat.onPong(nonce),
      fault
    })
    const wire = new StageWire(stage, {
      open: (request) => server.onOpen(request),
      step: (step) => server.onStep(step),
      rollback: (it) => server.onRollback(it.session, it.epoch, it.position),
      close: (session) => server.onClose(session),
      opened: ({ session, ...opened }) => client.onOpened(session, opened),
      refused: ({ session, error }) => client.onRefused(session, error),
      result: (result) => client.onResult(result),
      failed: ({ session, error }) => client.onFailed(session, error),
      taken: (bytes) => client.onTaken(bytes),
      relink: (request) => server.onRelink(request),
      relinked: (relinked) => client.onRelinked(relinked),
      notRelinked: ({ error, ...relink }) => client.onNotRelinked(relink, error),
      notice: ({ session, notice }) => client.onNotice(session, notice),
      fault
    })
    const port = {
      peer: this.peer,
      wire,
      service: this.#options.service,
      openMs: this.#options.timing.openMs,
      roundTripMillis: () => this.roundTripMillis,
      drained: () => this.#drain.wait(),
      touch: () => this.#heartbeat.touch(),
      excuseStray: () => this.#strayBucket.take(this.#options.now()),
      allowOpen: () => this.#openBucket.take(this.#options.now()),
      fault
    }
    const client = new StageClient(port)
    const server = new StageServer(port)
    this.#client = client
    this.#server = server
    announce.open()
    stage.open()
    this.#heartbeat.measure()
    this.#options.onReady(this)
  }

  #onAnnouncement(sealed: SealedAnnouncement): void {
    if (!this.#announceBucket.take(this.#options.now())) throw violation('too many announcements')
    if (sealed.announcement.peer !== this.peer) throw violation('an announcement of another')
    this.#options.onAnnouncement(sealed)
  }

  #onGossip(news: readonly News[]): void {
    if (!this.#gossipBucket.take(this.#options.now())) throw violation('too much gossip')
    this.#announceWire?.gossiped.send(this.#options.onNews(news, this.peer))
  }

  #onGossiped(news: readonly News[]): void {
    if (this.#asked === 0) throw violation('an answer that nobody asked for')
    this.#asked--
    this.#options.onNews(news, this.peer)
  }

  #onPing(nonce: number): void {
    if (!this.#pingBucket.take(this.#options.now())) throw violation('too many pings')
    this.#announceWire?.pong.send(nonce)
  }

  /** A frame over the limit ends the stream with our own error; all else is the network's. */
  #onStreamError(error: Error): void {
    if (error instanceof SkeinError) this.#reason ??= error
  }

  #onClose(): void {
    clearTimeout(this.#helloTimer)
    this.#heartbeat.stop()
    const reason = this.#reason ?? new SkeinError('peer-lost')
    this.#drain.fail(reason)
    this.#client?.lose(reason)
    this.#options.service.gone(this.peer)
    this.#options.onClosed(this, reason)
  }
}

function protocolLists(): Record<string, number[]> {
  return { announce: [...spokenVersions.announce], stage: [...spokenVersions.stage] }
}

/** Rises with whatever comes from the peer: acknowledgements too, since a pong waits behind all that a slow uplink has yet to send. */
function heardFrom({ rawBytesRead, rawStream }: SecretStream): number {
  return rawBytesRead + (rawStream?.packetsReceived ?? 0)
}
