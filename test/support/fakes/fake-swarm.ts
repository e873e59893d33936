import createTestnet, { type Testnet } from 'hyperdht/testnet.js'
import DHT from 'hyperdht'
import { modelKeySchema, type LayerRange, type ModelInfo } from '#contract/model.ts'
import { StageHost } from '#host/stage-host.ts'
import type { GenerateDeps } from '#session/generate.ts'
import { KeptAnswers } from '#session/kept-answers.ts'
import { Swarm, type SwarmOptions } from '#swarm/swarm.ts'
import { topicOf } from '#swarm/topic.ts'
import {
  fakeVocabularySize,
  fakeWidth,
  startFakeStage,
  type FakeEngineOptions,
  type FakeStage
} from './fake-engine.ts'
import { fakeVocabulary } from './fake-vocabulary.ts'

/** A model that only the fake engine knows. */
export const fakeModel: ModelInfo = {
  key: modelKeySchema.parse('f'.repeat(64)),
  name: 'Fake',
  architecture: 'fake',
  layers: 6,
  width: fakeWidth,
  vocabularySize: fakeVocabularySize,
  contextLength: 512,
  bytes: 1,
  parameters: 1,
  quantisation: 'F32',
  boundaries: [0, 1, 2, 3, 4, 5]
}

export interface FakePeer {
  readonly swarm: Swarm
  readonly host: StageHost
  readonly stages: readonly FakeStage[]
  readonly deps: GenerateDeps
  close(): Promise<void>
}

export interface FakePeerOptions extends Partial<SwarmOptions> {
  readonly ranges?: readonly LayerRange[]
  readonly engine?: FakeEngineOptions
  readonly slots?: number
  /** Bytes of sent boundaries that its host keeps. */
  readonly historyBytes?: number
}

export interface FakeSwarm {
  readonly testnet: Testnet
  readonly topic: Uint8Array
  /** A peer on the loopback DHT; resolves when it has announced itself. */
  peer(options?: FakePeerOptions): Promise<FakePeer>
  close(): Promise<void>
}

/** Real peers over real connections in one process, with fake engines. */
export async function createFakeSwarm(): Promise<FakeSwarm> {
  const testnet = await createTestnet(3)
  const topic = topicOf('fake')
  const peers: FakePeer[] = []
  return {
    testnet,
    topic,
    async peer(options = {}) {
      const peer = await startPeer({ bootstrap: testnet.bootstrap, ...options })
      await peer.swarm.join(topic)
      peers.push(peer)
      return peer
    },
    async close() {
      await Promise.all(peers.map((peer) => peer.close()))
      await testnet.destroy()
    }
  }
}

/** A peer that has met nobody: without a socket as long as it does not join. */
export async function startPeer(options: FakePeerOptions = {}): Promise<FakePeer> {
  const { ranges = [], engine = {}, slots = 4, historyBytes, ...more } = options
  const stages: FakeStage[] = []
  const swarm = new Swarm({
    keyPair: DHT.keyPair(),
    version: 'test',
    host: '127.0.0.1',
    ...more
  })
  const host = new StageHost({
    network: swarm,
    folder: 'none',
    entry: new URL('file:///none'),
    ...(historyBytes === undefined ? {} : { historyBytes }),
    prepareFile: () => Promise.resolve('none'),
    startStage: (stageOptions) => {
      const stage = startFakeStage(stageOptions, engine)
      stages.push(stage)
      return Promise.resolve(stage)
    }
  })
  swarm.serve(host)
  host.onChange(() => swarm.announce({ state: 'lending', stages: host.offers() }))
  for (const range of ranges) await host.take(planOf(range, slots))
  const vocabulary = fakeVocabulary()
  const deps: GenerateDeps = {
    network: swarm,
    directory: swarm,
    keptAnswers: new KeptAnswers(),
    vocabulary: () => Promise.resolve(vocabulary),
    renderChat: (_, { messages }) =>
      Promise.resolve(messages.map((message) => String(message['content'])).join('\n'))
  }
  return {
    swarm,
    host,
    stages,
    deps,
    async close() {
      await host.stop()
      await swarm.close()
    }
  }
}

export function planOf(range: LayerRange, slots: number) {
  return {
    model: fakeModel,
    range,
    openModel: () => Promise.reject(new Error('the fake engine needs no file')),
    contextTokens: 1024,
    slots,
    batchTokens: 32,
    threads: 1,
    device: 'cpu' as const
  }
}

/** Resolves as soon as `directory` covers all layers of the fake model. */
export async function untilCovered({ swarm }: FakePeer): Promise<void> {
  await until(swarm, () => {
    const ends = new Map(swarm.stages().map(({ offer }) => [offer.range.first, offer.range.end]))
    let at = 0
    while (at < fakeModel.layers) {
      const end = ends.get(at)
      if (end === undefined) return false
      at = end
    }
    return true
  })
}

/** Resolves when `condition` holds, looked at whenever the swarm changes. */
export async function until(swarm: Swarm, condition: () => boolean): Promise<void> {
  if (condition()) return
  await new Promise<void>((resolve) => {
    const stop = swarm.onChange(() => {
      if (!condition()) return
      stop()
      resolve()
    })
  })
}
