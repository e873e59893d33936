import { mkdirSync } from 'node:fs'
import path from 'node:path'
import DHT from 'hyperdht'
import createTestnet, { type Testnet } from 'hyperdht/testnet.js'
import { expect, onTestFinished, test } from 'vitest'
import { KeptAnswers } from '#session/kept-answers.ts'
import { generateRequestSchema, type RouteStage } from '#contract/chat.ts'
import type { LayerRange, ModelInfo } from '#contract/model.ts'
import { startStage } from '#engine/engine-supervisor.ts'
import { startVocabulary } from '#engine/vocabulary.ts'
import { prepareStageFile, type StageFileRequest } from '#host/stage-file.ts'
import { StageHost } from '#host/stage-host.ts'
import { openFileSource, type ByteSource } from '#model/byte-source.ts'
import { carveRange } from '#model/carve.ts'
import { readGguf } from '#model/gguf.ts'
import { generate, type GenerateDeps } from '#session/generate.ts'
import { Swarm } from '#swarm/swarm.ts'
import { topicOf } from '#swarm/topic.ts'
import { engineEntry } from '#test/support/engine/engine-entry.ts'
import { temporaryFolder } from '#test/support/temporary-folder.ts'
import { openStore } from '#test/support/weights/store-fixture.ts'
import type { WeightsStore } from '#weights/weights-store.ts'

const modelFile = path.resolve(
  import.meta.dirname,
  '../../../resources/models/skein-tiny-q8_0.gguf'
)

interface Peer {
  readonly swarm: Swarm
  readonly host: StageHost
  readonly store: WeightsStore
}

test('a peer that knew only the key serves the second half; the tokens are the whole model’s', async () => {
  const testnet = await createTestnet(3)
  onTestFinished(() => testnet.destroy())
  const owner = await startPeer(testnet, prepareStageFile)
  const { info } = await owner.store.importFile(modelFile)
  owner.store.setUploadLimits({
    isAllowed: true,
    bytesPerSecond: Infinity,
    bytesPerMonth: Infinity
  })
  const whole = { first: 0, end: info.layers }
  const half = Math.floor(info.layers / 2)

  await owner.host.take(planOf(info, whole))
  const alone = await answer(owner, info)
  await owner.host.release(info.key, whole)
  await owner.host.take(planOf(info, { first: 0, end: half }))

  const other = await startPeer(testnet, (request) => carveFrom(other.store, request))
  const rest = { first: half, end: info.layers }
  const fetched = await other.store.fetch(info.key, rest)
  expect(fetched).toMatchObject({ info, state: 'partial' })
  await other.host.take(planOf(fetched.info, rest))
  await stagesOf(owner.swarm, 2)

  const together = await answer(owner, info)
  expect(together.tokens).toEqual(alone.tokens)
  expect(together.route).toMatchObject([
    { range: { first: 0, end: half }, isLocal: true },
    { range: rest, isLocal: false }
  ])
})

async function startPeer(
  testnet: Testnet,
  prepareFile: (request: StageFileRequest) => Promise<string>
): Promise<Peer> {
  const store = await openStore()
  const swarm = new Swarm({
    keyPair: DHT.keyPair(),
    version: 'test',
    bootstrap: testnet.bootstrap,
    host: '127.0.0.1',
    onConnection: (stream) => store.attach(stream)
  })
  const folder = temporaryFolder()
  const host = new StageHost({
    network: swarm,
    folder,
    entry: engineEntry,
    startStage,
    prepareFile
  })
  swarm.serve(host)
  host.onChange(() => swarm.announce({ state: 'lending', stages: host.offers() }))
  onTestFinished(async () => {
    await host.stop()
    await swarm.close()
  })
  await swarm.join(topicOf('weights'))
  return { swarm, host, store }
}

/** The layers' file, from what the store has of the model. */
async function carveFrom(store: WeightsStore, request: StageFileRequest): Promise<string> {
  const { model, range, folder } = request
  mkdirSync(folder, { recursive: true })
  const source = store.source(model.key)
  const target = path.join(folder, `${range.first}-${range.end}.gguf`)
  return (await carveRange(source, await readGguf(source), range, target)).path
}

function planOf(model: ModelInfo, range: LayerRange): Parameters<StageHost['take']>[0] {
  const resources = { contextTokens: 512, slots: 2, batchTokens: 64, threads: 1 }
  const openModel = (): Promise<ByteSource> => openFileSource(modelFile)
  return { model, range, openModel, ...resources, device: 'cpu' }
}

async function answer(
  peer: Peer,
  model: ModelInfo
): Promise<{ tokens: number[]; route: readonly RouteStage[] }> {
  const vocabulary = await startVocabulary({ file: modelFile, entry: engineEntry })
  const deps: GenerateDeps = {
    network: peer.swarm,
    directory: peer.swarm,
    keptAnswers: new KeptAnswers(),
    vocabulary: () => Promise.resolve(vocabulary),
    renderChat: () => Promise.reject(new Error('not asked for'))
  }
  const request = generateRequestSchema.parse({
    prompt: { kind: 'text', text: 'What is Skein?' },
    sampling: { temperature: 0 },
    maxTokens: 12,
    dtype: 'float32'
  })
  const tokens: number[] = []
  let route: readonly RouteStage[] = []
  try {
    for await (const event of generate(model, request, deps, new AbortController().signal)) {
      if (event.kind === 'route') route = event.route
      if (event.kind === 'text') tokens.push(...event.tokens.map(({ token }) => token))
      if (event.kind === 'end') expect(event.finish).toMatch(/stop|length/)
    }
  } finally {
    await vocabulary.close()
  }
  return { tokens, route }
}

/** Resolves when a peer knows of so many stages, its own among them. */
function stagesOf(swarm: Swarm, count: number): Promise<void> {
  return new Promise((resolve) => {
    const check = (): void => {
      if (swarm.stages().length >= count) resolve()
    }
    swarm.onChange(check)
    check()
  })
}
