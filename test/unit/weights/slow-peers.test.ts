import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { modelKeySchema } from '#contract/model.ts'
import { tinyTokenizer } from '#test/support/models/tokenizer.ts'
import { writeRandomModel } from '#test/support/models/random-model.ts'
import { temporaryFolder } from '#test/support/temporary-folder.ts'
import { connect, linkStores } from '#test/support/weights/link-stores.ts'
import { lyingPeer } from '#test/support/weights/lying-peer.ts'
import { modelFile, openStore } from '#test/support/weights/store-fixture.ts'
import { openFileSource } from '#model/byte-source.ts'
import { modelKeyOf } from '#weights/model-key.ts'

const generous = { isAllowed: true, bytesPerSecond: Infinity, bytesPerMonth: Infinity }

test('a peer that gives a byte a second holds up nothing that another has', async () => {
  const file = await modelFile()
  const seeder = await openStore()
  const { info } = await seeder.importFile(file)
  seeder.setUploadLimits(generous)
  const store = await openStore(temporaryFolder(), { stallMs: 300 })
  // Everything is asked of the slow one first: nobody else is there.
  const slow = await openStore()
  await slow.importFile(file)
  slow.setUploadLimits({ ...generous, bytesPerSecond: 1 })
  const { promise: asked, resolve } = Promise.withResolvers<undefined>()
  linkStores(store, slow)
  const fetching = store.fetch(info.key, 'whole', {
    onProgress: ({ peers }) => {
      if (peers.length > 0) resolve(undefined)
    }
  })
  await asked
  linkStores(store, seeder)
  expect(await fetching).toMatchObject({ state: 'whole' })
  const source = store.source(info.key)
  expect(readFileSync(file).equals(await source.read(0, source.size))).toBe(true)
  expect(slow.usage().uploadedBytes).toBeLessThanOrEqual(2 * 65_536)
})

test('a header of several blocks is here after three round trips', async () => {
  const file = path.join(temporaryFolder(), 'model.gguf')
  await writeRandomModel(file, {
    architecture: 'llama',
    layers: 2,
    width: 32,
    heads: 2,
    kvHeads: 1,
    headLength: 16,
    feedForward: 32,
    vocabulary: 20_000,
    type: 'F32',
    tokenizer: tinyTokenizer(20_000)
  })
  // Answers all that it was asked for when nothing more is asked for: that is one round trip.
  const waiting: (() => void)[] = []
  let roundTrips = 0
  let timer: NodeJS.Timeout | undefined
  const answerAll = (): void => {
    roundTrips++
    for (const answer of waiting.splice(0)) answer()
  }
  const hold = async (): Promise<void> => {
    clearTimeout(timer)
    timer = setTimeout(answerAll, 250)
    await new Promise<void>((resolve) => waiting.push(resolve))
  }
  const peer = await lyingPeer(file, (read) => read(), hold)
  const store = await openStore(temporaryFolder(), { freeBytes: () => Promise.resolve(Infinity) })
  const { near, far } = connect()
  peer.attach(far)
  store.attach(near)
  const source = await openFileSource(file)
  const key = modelKeySchema.parse(await modelKeyOf(source))
  await source.close()
  const { info } = await store.fetch(key, 'header')
  expect(info.vocabularySize).toBe(20_000)
  expect(new Set(peer.asked).size).toBeGreaterThan(5)
  // The length, the first block, and what that says is the rest.
  expect(roundTrips).toBeLessThanOrEqual(3)
})
