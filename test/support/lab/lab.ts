import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { GenerateEvent, GenerateInput } from '#contract/chat.ts'
import { SkeinError } from '#contract/errors.ts'
import type { LayerRange } from '#contract/model.ts'
import type { PeerKey } from '#contract/peer.ts'
import type { NodeStatus } from '#contract/status.ts'
import { appPathsFrom } from '../../../src-main/app-paths.ts'
import { LocalSwarm } from '../../../src-main/cli/local-swarm.ts'
import type { PeerConfig } from '../../../src-main/cli/peer-messages.ts'
import type { PeerProcess } from '../../../src-main/cli/peer-process.ts'
import type { LinkOrder, LinkShape } from './link-orders.ts'

interface LabPeerOptions {
  /** Layers that it hosts; none when absent. */
  readonly range?: LayerRange
  readonly resources?: Partial<PeerConfig['resources']>
  /** Whether the test asks this peer questions. */
  readonly isAsked?: boolean
}

export interface LabOptions {
  /** The embedded model when absent. */
  readonly modelFile?: string
  readonly peers: readonly LabPeerOptions[]
  /** Between the beats of a connection in use; beats after which a peer counts as silent, and as lost. The swarm's own when absent. */
  readonly beatMs?: number
  readonly silentBeats?: number
  readonly lostBeats?: number
  /** Every link from its first byte on. */
  readonly links?: Partial<LinkShape>
}

/**
 * Real peers, each a process of its own, on a DHT on loopback. Resolves when every one of them is ready and knows every stage. `close`
 * leaves no process and no file.
 */
export async function createLab(options: LabOptions): Promise<Lab> {
  const paths = appPathsFrom(new URL('../../../src-main/cli.ts', import.meta.url).href)
  const stageFolder = await mkdtemp(path.join(tmpdir(), 'skein-lab-'))
  const swarm = await LocalSwarm.start({
    paths,
    peerEntry: new URL('./lab-peer-process.ts', import.meta.url),
    modelFile: options.modelFile ?? paths.embeddedModelFile,
    stageFolder
  })
  const close = async (): Promise<void> => {
    await swarm.close()
    await rm(stageFolder, { recursive: true, force: true })
  }
  try {
    const processes = options.peers.map((peer) => startPeer(swarm, peer, options))
    const keys = await Promise.all(processes.map((process) => process.ready))
    const hosts = options.peers.filter(({ range }) => range !== undefined).length
    await Promise.all(processes.map((it) => it.until((stages) => stages.length >= hosts)))
    const labPeers = processes.map((process, index) => new LabPeer(process, keyAt(keys, index)))
    const again = async (index: number): Promise<LabPeer> => {
      const process = startPeer(swarm, options.peers[index] ?? {}, options)
      return new LabPeer(process, await process.ready)
    }
    return new Lab(labPeers, again, close)
  } catch (thrown) {
    await close()
    throw thrown
  }
}

function startPeer(swarm: LocalSwarm, peer: LabPeerOptions, options: LabOptions): PeerProcess {
  const { range, resources = {}, isAsked = false } = peer
  const { beatMs, silentBeats, lostBeats, links } = options
  const process = swarm.add({
    isAsked,
    resources: { threads: 1, slots: 4, ...resources },
    ...(range === undefined ? {} : { range }),
    ...(beatMs === undefined ? {} : { beatMs }),
    ...(silentBeats === undefined ? {} : { silentBeats }),
    ...(lostBeats === undefined ? {} : { lostBeats })
  })
  if (links !== undefined) {
    const shape = { delayMillis: 0, jitterMillis: 0, ...links }
    process.send({
      type: 'lab',
      order: { kind: 'shape', to: 'everyone', shape } satisfies LinkOrder
    })
  }
  return process
}

export class Lab {
  #peers: readonly LabPeer[]
  readonly #again: (index: number) => Promise<LabPeer>
  readonly #close: () => Promise<void>

  /** `again` starts a peer with the options of one of them. */
  constructor(
    peers: readonly LabPeer[],
    again: (index: number) => Promise<LabPeer>,
    close: () => Promise<void>
  ) {
    this.#peers = peers
    this.#again = again
    this.#close = close
  }

  get peers(): readonly LabPeer[] {
    return this.#peers
  }

  /** Kills a peer and starts another one in its place. Resolves when that one serves. */
  async restart(index: number): Promise<void> {
    await this.peer(index).kill()
    this.#peers = this.#peers.with(index, await this.#again(index))
  }

  peer(index: number): LabPeer {
    const peer = this.peers[index]
    if (peer === undefined) throw new RangeError(`the lab has no peer ${index}`)
    return peer
  }

  /** The link between two peers. */
  link(a: number, b: number): LabLink {
    return this.linkOf(this.peer(a), this.peer(b))
  }

  linkOf(a: LabPeer, b: LabPeer): LabLink {
    return new LabLink(a, b)
  }

  close(): Promise<void> {
    return this.#close()
  }
}

export class LabPeer {
  readonly key: PeerKey
  readonly #process: PeerProcess

  constructor(process: PeerProcess, key: PeerKey) {
    this.#process = process
    this.key = key
  }

  get pid(): number {
    return this.#process.pid
  }

  /** Asks this peer and hands on its events. The answer is cancelled when `signal` aborts or the reader stops. */
  ask(input: GenerateInput, signal?: AbortSignal): AsyncGenerator<GenerateEvent, void> {
    return this.#process.control.stream('chat.generate', input, signal)
  }

  /** The whole answer. */
  answer(input: GenerateInput): Promise<GenerateEvent[]> {
    return Array.fromAsync(this.ask(input))
  }

  status(): Promise<NodeStatus> {
    return this.#process.control.call('status.get', {})
  }

  /** Takes on layers of its model; resolves when they are served. */
  async host(range: LayerRange): Promise<void> {
    const { models } = await this.status()
    const model = models[0]?.key
    if (model === undefined) throw new SkeinError('model-unknown')
    await this.#process.control.call('stages.host', { model, range })
  }

  /** Resolves when this peer serves no session any more. */
  async untilIdle(): Promise<void> {
    for await (const { stages } of this.#process.control.stream('status.watch', {})) {
      if (stages.every(({ sessions }) => sessions === 0)) return
    }
    throw new SkeinError('peer-lost')
  }

  /** Ends it at once, as a power cut would. */
  async kill(): Promise<void> {
    this.#process.signal('SIGCONT')
    this.#process.signal('SIGKILL')
    await this.#process.exited
  }

  /** Asks it to end, as Quit does; resolves when its process is gone. */
  leave(): Promise<void> {
    return this.#process.stop()
  }

  /** Stops it in the middle of whatever it does; its connections stay open. */
  pause(): void {
    this.#process.signal('SIGSTOP')
  }

  resume(): void {
    this.#process.signal('SIGCONT')
  }

  order(order: LinkOrder): void {
    this.#process.send({ type: 'lab', order })
  }
}

/** Both directions of the link between two peers. */
export class LabLink {
  readonly #a: LabPeer
  readonly #b: LabPeer

  constructor(a: LabPeer, b: LabPeer) {
    this.#a = a
    this.#b = b
  }

  /** Half of the round trip on each way. */
  shape(shape: {
    readonly roundTripMillis?: number
    readonly jitterMillis?: number
    readonly bytesPerSecond?: number
  }): void {
    const { roundTripMillis = 0, jitterMillis = 0, bytesPerSecond } = shape
    const each = { delayMillis: roundTripMillis / 2, jitterMillis, bytesPerSecond }
    this.#both((to) => ({ kind: 'shape', to, shape: each }))
  }

  /** Nothing passes any more, and nobody is told. */
  cut(): void {
    this.#both((to) => ({ kind: 'cut', to }))
  }

  /** Damages the next bytes from the first peer to the second. */
  corrupt(): void {
    this.#a.order({ kind: 'corrupt', to: this.#b.key })
  }

  heal(): void {
    this.#both((to) => ({ kind: 'heal', to }))
  }

  #both(order: (to: PeerKey) => LinkOrder): void {
    this.#a.order(order(this.#b.key))
    this.#b.order(order(this.#a.key))
  }
}

function keyAt(keys: readonly PeerKey[], index: number): PeerKey {
  const key = keys[index]
  if (key === undefined) throw new RangeError(`no key ${index}`)
  return key
}
