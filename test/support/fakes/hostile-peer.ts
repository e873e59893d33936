import DHT, { type KeyPair } from 'hyperdht'
import type SecretStream from '@hyperswarm/secret-stream'
import Protomux, { type Channel } from 'protomux'
import type { Announcement, StageOffer } from '#contract/announce.ts'
import type { ErrorValue } from '#contract/errors.ts'
import type { PeerKey, SessionId } from '#contract/peer.ts'
import type { OpenSession, Step, StepResult } from '#contract/stage.ts'
import { AnnounceWire } from '#swarm/announce-wire.ts'
import { membershipKey, membershipProof } from '#swarm/membership.ts'
import { peerKeyOf, publicKeyOf } from '#swarm/peer-key.ts'
import { seal } from '#swarm/sealed-announcement.ts'
import { StageWire } from '#swarm/stage-wire.ts'
import { encodeWhole, restOfMessage } from '#swarm/wire/codec.ts'
import { helloMessage } from '#swarm/wire/hello-message.ts'
import { fakeModel, type FakeSwarm } from './fake-swarm.ts'
import { fakeWidth } from './fake-engine.ts'

/** A peer that speaks the protocol by hand, so that it can break it. */
export interface HostilePeer {
  readonly key: PeerKey
  readonly keyPair: KeyPair
  readonly stream: SecretStream
  readonly mux: Protomux
  readonly stageChannel: Channel
  readonly stage: StageWire
  readonly announce: AnnounceWire
  /** Resolves when the connection is gone. */
  readonly closed: Promise<void>
  /** What came from the other side. */
  readonly opens: OpenSession[]
  readonly steps: Step[]
  readonly failures: ErrorValue[]
  readonly results: StepResult[]
  /** Resolves when the other side opened the session that this peer asked for. */
  opened(session: SessionId): Promise<void>
  /** Resolves at the next step that arrives here. */
  nextStep(): Promise<Step>
  /** Connects again with the same key; resolves with whether it was let in. */
  mayReturn(): Promise<boolean>
  close(): Promise<void>
}

export interface HostileOptions {
  readonly protocols?: Record<string, number[]>
  /** A range that it claims to host; it never computes anything. */
  readonly offer?: Partial<StageOffer>
  /** Opens every session that it is asked for. */
  readonly opensSessions?: boolean
}

export async function connectHostile(
  swarm: Pick<FakeSwarm, 'testnet'>,
  target: PeerKey,
  options: HostileOptions = {}
): Promise<HostilePeer> {
  const { protocols = { announce: [2], stage: [2] }, opensSessions = false } = options
  const keyPair = DHT.keyPair()
  const key = peerKeyOf(keyPair.publicKey)
  const dht = new DHT({
    bootstrap: swarm.testnet.bootstrap,
    host: '127.0.0.1',
    ephemeral: true,
    firewalled: false
  })
  const connect = (): SecretStream => dht.connect(publicKeyOf(target), { keyPair })
  const stream = connect()
  const closed = new Promise<void>((resolve) => stream.on('close', () => resolve()))
  stream.on('error', () => undefined)
  await new Promise<void>((resolve) => stream.on('open', () => resolve()))

  const mux = new Protomux(stream)
  const member = mux.createChannel({ protocol: 'skein/member/1', handshake: restOfMessage })
  const hello = mux.createChannel({ protocol: 'skein/hello', handshake: restOfMessage })
  const announceChannel = mux.createChannel({ protocol: 'skein/announce/2' })
  const stageChannel = mux.createChannel({ protocol: 'skein/stage/2' })
  if (member === null || hello === null || announceChannel === null || stageChannel === null)
    throw new Error('closed')

  const opens: OpenSession[] = []
  const steps: Step[] = []
  const failures: ErrorValue[] = []
  const results: StepResult[] = []
  const openedSessions = new Map<SessionId, () => void>()
  let onStep: ((step: Step) => void) | undefined
  const ignore = (): void => undefined
  const announce = new AnnounceWire(announceChannel, {
    announcement: ignore,
    gossip: ignore,
    gossiped: ignore,
    ping: (nonce) => void announce.pong.send(nonce),
    pong: ignore,
    fault: ignore
  })
  const stage = new StageWire(stageChannel, {
    open: (request) => {
      opens.push(request)
      if (opensSessions) stage.opened.send({ session: request.session, preferredRows: 32 })
    },
    step: (step) => {
      steps.push(step)
      onStep?.(step)
    },
    rollback: ignore,
    close: ignore,
    opened: ({ session }) => openedSessions.get(session)?.(),
    refused: ({ error }) => failures.push(error),
    result: (result) => results.push(result),
    failed: ({ error }) => failures.push(error),
    taken: ignore,
    relink: ignore,
    relinked: ignore,
    notRelinked: ignore,
    notice: ignore,
    fault: ignore
  })
  const { handshakeHash } = stream
  if (handshakeHash === null) throw new Error('no handshake')
  member.open(membershipProof(membershipKey(''), handshakeHash, 'initiator'))
  hello.open(encodeWhole(helloMessage, { version: 'hostile', protocols }))
  announceChannel.open()
  stageChannel.open()
  if (options.offer !== undefined)
    announce.announcement.send(seal(announcementOf(key, options.offer), keyPair))

  return {
    key,
    keyPair,
    stream,
    mux,
    stageChannel,
    stage,
    announce,
    closed,
    opens,
    steps,
    failures,
    results,
    opened: (session) => new Promise((resolve) => openedSessions.set(session, resolve)),
    nextStep: () => new Promise((resolve) => (onStep = resolve)),
    async mayReturn() {
      const again = connect()
      again.on('error', () => undefined)
      const wasOpened = await new Promise<boolean>((resolve) => {
        again.on('open', () => resolve(true))
        again.on('close', () => resolve(false))
      })
      again.destroy()
      return wasOpened
    },
    async close() {
      stream.destroy()
      await dht.destroy()
    }
  }
}

export function announcementOf(peer: PeerKey, offer: Partial<StageOffer>): Announcement {
  return {
    peer,
    sequence: 1,
    state: 'lending',
    ttlMs: 60_000,
    stages: [
      {
        model: fakeModel.key,
        range: { first: 3, end: 6 },
        layers: fakeModel.layers,
        width: fakeWidth,
        slots: 4,
        freeSlots: 4,
        contextTokens: 1024,
        freeTokens: 1024,
        dtypes: ['float32', 'float16'],
        ...offer
      }
    ]
  }
}
