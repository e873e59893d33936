import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import createTestnet from 'hyperdht/testnet.js'
import type { LayerRange } from '#contract/model.ts'
import type { AppPaths } from '../app-paths.ts'
import type { PeerConfig } from './peer-messages.ts'
import { PeerProcess } from './peer-process.ts'

/** Nodes of the loopback DHT: as few as find each other reliably. */
const dhtNodes = 3

export interface LocalPeerOptions {
  /** Nothing is hosted when absent. */
  readonly range?: LayerRange
  readonly isAsked: boolean
  readonly resources: PeerConfig['resources']
  readonly beatMs?: number
  readonly silentBeats?: number
  readonly lostBeats?: number
}

export interface LocalSwarmOptions {
  readonly paths: Pick<AppPaths, 'entries'>
  /** A module that calls `runPeer`. */
  readonly peerEntry: URL
  readonly modelFile: string
  /** Where carved ranges are kept for the next time. */
  readonly stageFolder: string
}

/** Peers on this computer, each a process of its own, that meet on a DHT on loopback. */
export class LocalSwarm {
  readonly #options: LocalSwarmOptions
  readonly #folder: string
  readonly #testnet: Awaited<ReturnType<typeof createTestnet>>
  readonly #topic = randomBytes(32).toString('hex')
  readonly #peers: PeerProcess[] = []

  private constructor(
    options: LocalSwarmOptions,
    folder: string,
    testnet: Awaited<ReturnType<typeof createTestnet>>
  ) {
    this.#options = options
    this.#folder = folder
    this.#testnet = testnet
  }

  static async start(options: LocalSwarmOptions): Promise<LocalSwarm> {
    const folder = await mkdtemp(path.join(tmpdir(), 'skein-swarm-'))
    return new LocalSwarm(options, folder, await createTestnet(dhtNodes))
  }

  /** Starts a peer; it loads and meets the others while this returns. */
  add({
    range,
    isAsked,
    resources,
    beatMs,
    silentBeats,
    lostBeats
  }: LocalPeerOptions): PeerProcess {
    const { paths, peerEntry, modelFile, stageFolder } = this.#options
    const peer = new PeerProcess(peerEntry, {
      homeFolder: path.join(this.#folder, `peer-${this.#peers.length + 1}`),
      stageFolder,
      engineEntry: paths.entries.engine.href,
      templateEntry: paths.entries.templateWorker.href,
      modelFile,
      range,
      isAsked,
      resources,
      bootstrap: [...this.#testnet.bootstrap],
      topic: this.#topic,
      beatMs,
      silentBeats,
      lostBeats
    })
    this.#peers.push(peer)
    return peer
  }

  /** Ends all peers and the DHT, and removes what they kept; no process is left. */
  async close(): Promise<void> {
    await Promise.all(this.#peers.map((peer) => peer.stop()))
    await this.#testnet.destroy()
    await rm(this.#folder, { recursive: true, force: true })
  }
}
