import path from 'node:path'
import type { AnswerReport, GenerateEvent } from '#contract/chat.ts'
import { appPathsFrom } from '../../src-main/app-paths.ts'
import { LocalSwarm } from '../../src-main/cli/local-swarm.ts'
import type { PeerProcess } from '../../src-main/cli/peer-process.ts'
import { shareLayers } from '../../src-main/cli/share-layers.ts'
import { openLocalModel } from '../../src-main/node/local-models.ts'

const sourceRoot = new URL('../../src-main/', import.meta.url)
const paths = appPathsFrom(new URL('cli.ts', sourceRoot).href)
const peerEntry = new URL('cli/swarm-peer.ts', sourceRoot)

export interface ChainShape {
  readonly peers: number
  readonly slots: number
  readonly contextTokens: number
  readonly threads: number
}

/** Peers as processes on a loopback DHT, each with its share of the model; the first one is asked. */
export class BenchChain {
  /** The carved files that the peers host, in chain order. */
  readonly files: readonly string[]
  readonly #swarm: LocalSwarm
  readonly #peers: readonly PeerProcess[]

  private constructor(swarm: LocalSwarm, peers: readonly PeerProcess[], files: readonly string[]) {
    this.#swarm = swarm
    this.#peers = peers
    this.files = files
  }

  static async start(modelFile: string, folder: string, shape: ChainShape): Promise<BenchChain> {
    const { info } = await openLocalModel(modelFile)
    const { peers: count, ...resources } = shape
    const stageFolder = path.join(folder, 'stages')
    const swarm = await LocalSwarm.start({ paths, peerEntry, modelFile, stageFolder })
    try {
      const ranges = shareLayers(info, count)
      const files = ranges.map(({ first, end }) =>
        path.join(stageFolder, info.key, `${first}-${end}.gguf`)
      )
      const peers = ranges.map((range, index) =>
        swarm.add({ range, isAsked: index === 0, resources })
      )
      await Promise.all(peers.map((peer) => peer.ready))
      await peers[0]?.until((stages) => stages.length === count)
      return new BenchChain(swarm, peers, files)
    } catch (thrown) {
      await swarm.close()
      throw thrown
    }
  }

  /** A greedy answer of `answerTokens` to a prompt of about `promptTokens`: one letter is one token of the benchmark's model. */
  async *ask(promptTokens: number, answerTokens: number): AsyncGenerator<GenerateEvent, void> {
    const [asked] = this.#peers
    if (asked === undefined) throw new Error('no peers')
    yield* asked.control.stream('chat.generate', {
      prompt: { kind: 'text', text: 'a'.repeat(promptTokens) },
      maxTokens: answerTokens,
      sampling: { temperature: 0 }
    })
  }

  async report(promptTokens: number, answerTokens: number): Promise<AnswerReport> {
    for await (const event of this.ask(promptTokens, answerTokens)) {
      if (event.kind === 'end') return event.report
    }
    throw new Error('an answer without an end')
  }

  /** Process ids of the peers, in the order of their ranges. */
  get pids(): readonly number[] {
    return this.#peers.map((peer) => peer.pid)
  }

  close(): Promise<void> {
    return this.#swarm.close()
  }
}
