import { cpSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { readGguf } from '#model/gguf.ts'
import { linkStores } from '#test/support/weights/link-stores.ts'
import { openStore } from '#test/support/weights/store-fixture.ts'
import { WeightsStore } from '#weights/weights-store.ts'
import { temporaryFolder } from '#test/support/temporary-folder.ts'

/** Version 1, as the Skein of its time wrote it: the header and the first of three layers of a model, all in the database. */
const fixture = path.resolve(import.meta.dirname, '../../fixtures/weights-store-v1')
const generous = { isAllowed: true, bytesPerSecond: Infinity, bytesPerMonth: Infinity }

function copyOfFixture(): string {
  const folder = temporaryFolder()
  cpSync(fixture, folder, { recursive: true })
  return folder
}

test('a store of version 1 is opened with all that it has, and is of today’s version then', async () => {
  const folder = copyOfFixture()
  const store = await openStore(folder)
  const [model] = await store.models()
  if (model === undefined) throw new Error('no model')
  expect(model).toMatchObject({ state: 'partial', seeding: true, info: { layers: 3 } })
  const { checkedBlocks, damagedBlocks } = await store.verify(model.info.key)
  expect(checkedBlocks).toBeGreaterThan(1)
  expect(damagedBlocks).toBe(0)
  expect((await readGguf(store.source(model.info.key))).bytes).toBe(model.info.bytes)
  expect(store.exchanged().downloadedBytes).toBeGreaterThan(0)
  const text = readFileSync(path.join(folder, 'store.json'), 'utf8')
  expect(z.object({ version: z.int() }).parse(JSON.parse(text)).version).toBe(2)
})

test('what a store of version 1 has is given to peers, and kept when it is opened again', async () => {
  const folder = copyOfFixture()
  const old = await WeightsStore.open(folder)
  const [model] = await old.models()
  if (model === undefined) throw new Error('no model')
  old.setUploadLimits(generous)
  const store = await openStore()
  linkStores(store, old)
  const fetched = await store.fetch(model.info.key, { first: 0, end: 1 })
  expect(fetched.info).toEqual(model.info)
  expect(await store.verify(model.info.key)).toMatchObject({ damagedBlocks: 0 })
  await old.close()
  const again = await openStore(folder)
  expect(await again.models()).toEqual([model])
})
