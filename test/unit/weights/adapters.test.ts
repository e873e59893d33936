import { copyFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import type { ModelKey } from '#contract/model.ts'
import type { StoredModel } from '#contract/weights.ts'
import { readGguf } from '#model/gguf.ts'
import { randomAdapterBytes, type RandomAdapterSpec } from '#test/support/models/random-adapter.ts'
import { temporaryFolder } from '#test/support/temporary-folder.ts'
import { linkStores } from '#test/support/weights/link-stores.ts'
import { modelFile, openStore, smallModel } from '#test/support/weights/store-fixture.ts'
import { WeightsStore } from '#weights/weights-store.ts'

const generous = { isAllowed: true, bytesPerSecond: Infinity, bytesPerMonth: Infinity }

function adapterFile(change: Partial<RandomAdapterSpec> = {}, model = smallModel): string {
  const file = path.join(temporaryFolder(), 'adapter.gguf')
  writeFileSync(file, randomAdapterBytes(model, { rank: 64, ...change }))
  return file
}

async function storeWithModel(seed = 1): Promise<{ store: WeightsStore; model: StoredModel }> {
  const store = await openStore()
  return { store, model: await store.importFile(await modelFile(seed)) }
}

test('an adapter is kept beside its model, and found again by the next process', async () => {
  const folder = temporaryFolder()
  const first = await WeightsStore.open(folder)
  const model = await first.importFile(await modelFile())
  const file = adapterFile()
  const added = await first.adapters.add(file, model.info.key)
  expect(added).toMatchObject({
    base: model.info.key,
    info: { kind: 'adapter', name: 'Random adapter', rank: 64, layers: [0, 1, 2, 3] },
    path: file,
    state: 'whole',
    seeding: true
  })
  await first.close()
  const next = await openStore(folder)
  expect(await next.models()).toEqual([model])
  expect(await next.files()).toEqual(expect.arrayContaining([model, added]))
  expect(await next.file(added.info.key)).toEqual(added)
  await expect(next.model(added.info.key)).rejects.toMatchObject({ code: 'model-is-adapter' })
})

test('it is checked, shared or not, and removed like a model', async () => {
  const { store, model } = await storeWithModel()
  const { info } = await store.adapters.add(adapterFile(), model.info.key)
  expect(await store.verify(info.key)).toMatchObject({ damagedBlocks: 0 })
  expect(await store.setSeeding(info.key, false)).toMatchObject({ seeding: false })
  await store.remove(info.key)
  expect(await store.files()).toEqual([model])
})

test('one that was added before is added to another model by the same command', async () => {
  const { store, model } = await storeWithModel()
  const other = await store.importFile(await modelFile(2))
  const file = adapterFile()
  const first = await store.adapters.add(file, model.info.key)
  expect(await store.adapters.add(file, model.info.key)).toEqual(first)
  const moved = await store.adapters.add(file, other.info.key)
  expect(moved).toMatchObject({ info: first.info, base: other.info.key, state: 'whole' })
  expect(await store.files()).toHaveLength(3)
})

const wider = { ...smallModel, width: 256 }
test.each([
  [
    'an adapter as a model',
    'model-is-adapter',
    (store: WeightsStore, _: ModelKey) => store.importFile(adapterFile())
  ],
  [
    'an adapter of another model',
    'adapter-mismatch',
    (store: WeightsStore, base: ModelKey) => store.adapters.add(adapterFile({}, wider), base)
  ],
  [
    'a model as an adapter',
    'adapter-invalid',
    async (store: WeightsStore, base: ModelKey) => store.adapters.add(await modelFile(2), base)
  ],
  [
    'an adapter for a model that is not here',
    'model-not-here',
    async (store: WeightsStore, base: ModelKey) => {
      await store.remove(base)
      return store.adapters.add(adapterFile(), base)
    }
  ],
  [
    'an adapter for an adapter',
    'model-is-adapter',
    async (store: WeightsStore, base: ModelKey) => {
      const { info } = await store.adapters.add(adapterFile(), base)
      return store.adapters.add(adapterFile({ seed: 2 }), info.key)
    }
  ]
])('refuses %s', async (_, code, add) => {
  const { store, model } = await storeWithModel()
  await expect(add(store, model.info.key)).rejects.toMatchObject({ code })
})

test('the same adapter has the same key, wherever it is added, and not its model’s', async () => {
  const { store, model } = await storeWithModel()
  const file = adapterFile()
  const { info } = await store.adapters.add(file, model.info.key)
  const copy = path.join(temporaryFolder(), 'copy.gguf')
  copyFileSync(file, copy)
  const other = await storeWithModel()
  expect((await other.store.adapters.add(copy, other.model.info.key)).info).toEqual(info)
  expect(info.key).not.toBe(model.info.key)
})

test('a peer with the model’s header fetches what changes its layers, and no more', async () => {
  const { store: seeder, model } = await storeWithModel()
  seeder.setUploadLimits(generous)
  const file = adapterFile()
  const { info } = await seeder.adapters.add(file, model.info.key)
  const store = await openStore()
  linkStores(store, seeder)
  await expect(store.adapters.fetch(info.key, model.info.key)).rejects.toMatchObject({
    code: 'model-not-here'
  })
  await store.fetch(model.info.key, 'header')
  const before = store.usage().downloadedBytes
  const range = { first: 3, end: 4 }
  const fetched = await store.adapters.fetch(info.key, model.info.key, range)
  expect(fetched).toMatchObject({ info: { key: info.key, rank: 64 }, state: 'partial' })
  const part = store.usage().downloadedBytes - before
  expect(part).toBeLessThan(statSync(file).size / 2)
  const source = store.source(info.key)
  const wanted = (await readGguf(source)).tensors.filter(({ name }) => name.startsWith('blk.3.'))
  for (const { offset, bytes } of wanted)
    expect(await source.read(offset, bytes)).toHaveLength(bytes)
  const whole = await store.adapters.fetch(info.key, model.info.key)
  expect(whole.state).toBe('whole')
})

test('a key that is an adapter’s is not fetched as a model, nor a model’s as an adapter', async () => {
  const { store: seeder, model } = await storeWithModel()
  seeder.setUploadLimits(generous)
  const { info } = await seeder.adapters.add(adapterFile(), model.info.key)
  const second = await seeder.importFile(await modelFile(2))
  const store = await openStore()
  linkStores(store, seeder)
  await expect(store.fetch(info.key)).rejects.toMatchObject({ code: 'model-is-adapter' })
  await store.fetch(model.info.key, 'header')
  await expect(store.adapters.fetch(second.info.key, model.info.key)).rejects.toMatchObject({
    code: 'adapter-invalid'
  })
})
