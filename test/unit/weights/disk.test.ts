import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { modelKeySchema, type ModelKey } from '#contract/model.ts'
import { linkStores } from '#test/support/weights/link-stores.ts'
import { diskUse, modelFile, openStore } from '#test/support/weights/store-fixture.ts'
import { temporaryFolder } from '#test/support/temporary-folder.ts'
import { DiskBudget } from '#weights/disk-budget.ts'
import type { UploadLimits } from '#weights/upload-control.ts'
import { WeightsStorage } from '#weights/weights-storage.ts'
import { WeightsStore } from '#weights/weights-store.ts'

const generous: UploadLimits = {
  isAllowed: true,
  bytesPerSecond: Infinity,
  bytesPerMonth: Infinity
}
const unknown = modelKeySchema.parse('ab'.repeat(32))

async function seederOf(): Promise<{ seeder: WeightsStore; key: ModelKey; bytes: number }> {
  const seeder = await openStore()
  const { info } = await seeder.importFile(await modelFile())
  seeder.setUploadLimits(generous)
  return { seeder, key: info.key, bytes: info.bytes }
}

describe('a disk budget', () => {
  test('refuses a fetch that would not fit before it begins, and lets it go on when raised', async () => {
    const { seeder, key, bytes } = await seederOf()
    const folder = temporaryFolder()
    const store = await openStore(folder)
    linkStores(store, seeder)
    store.setDiskBudget(bytes / 2)
    await expect(store.fetch(key)).rejects.toMatchObject({ code: 'weights-over-budget' })
    expect(await store.usedDiskBytes()).toBeLessThanOrEqual(bytes / 2)
    // The header came, and tells how much it would have been.
    expect(await store.model(key)).toMatchObject({ state: 'partial', info: { bytes } })
    store.setDiskBudget(2 * bytes)
    expect(await store.fetch(key)).toMatchObject({ state: 'whole' })
    // What is here is not counted twice.
    store.setDiskBudget(bytes + 100_000)
    expect(await store.fetch(key)).toMatchObject({ state: 'whole' })
  })

  test('counts what is on the disk and what is on its way, until it is there', async () => {
    const folder = path.join(temporaryFolder(), 'blocks')
    const budget = new DiskBudget([folder])
    budget.limitBytes = 100_000
    const first = await budget.reserve(60_000)
    await expect(budget.reserve(50_000)).rejects.toMatchObject({
      code: 'weights-over-budget',
      detail: '50000 bytes are needed, 40000 are left of 100000'
    })
    mkdirSync(folder)
    writeFileSync(path.join(folder, 'a'), Buffer.alloc(40_000, 1))
    first.spend(40_000)
    await budget.reserve(40_000)
    await expect(budget.reserve(1)).rejects.toMatchObject({ code: 'weights-over-budget' })
    first.release()
    await budget.reserve(20_000)
  })
})

describe('nothing is left', () => {
  test('of a fetch that was stopped before its header came', async () => {
    const folder = temporaryFolder()
    const store = await WeightsStore.open(folder)
    const stop = new AbortController()
    const fetching = store.fetch(unknown, 'whole', {
      signal: stop.signal,
      onProgress: () => stop.abort()
    })
    await expect(fetching).rejects.toMatchObject({ code: 'cancelled' })
    await store.close()
    expect(await coresIn(folder)).toBe(0)
  })

  test('of one of two such fetches before the other ends', async () => {
    const { seeder, key } = await seederOf()
    const store = await openStore()
    const stop = new AbortController()
    const stopped = store.fetch(key, 'whole', { signal: stop.signal })
    const other = store.fetch(key)
    stop.abort()
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' })
    linkStores(store, seeder)
    expect(await other).toMatchObject({ state: 'whole' })
  })

  test('of one that was killed', async () => {
    const folder = temporaryFolder()
    const first = await WeightsStore.open(folder)
    const { info } = await first.importFile(await modelFile())
    // A crash ends no fetch.
    const hanging = first.fetch(unknown).catch(() => undefined)
    await first.close()
    await hanging
    await writeCore(folder, unknown)
    mkdirSync(path.join(folder, 'blocks', unknown))
    expect(await coresIn(folder)).toBe(2)
    const next = await WeightsStore.open(folder)
    expect(await next.models()).toMatchObject([{ info, state: 'whole' }])
    await next.close()
    expect(await coresIn(folder)).toBe(1)
    expect(readdirSync(path.join(folder, 'blocks'))).toEqual([])
  })

  test('of a model that was fetched and removed', async () => {
    const { seeder, key, bytes } = await seederOf()
    const folder = temporaryFolder()
    const store = await WeightsStore.open(folder)
    linkStores(store, seeder)
    await store.fetch(key)
    // Each block is on the disk once, the tree beside it.
    expect(diskUse(path.join(folder, 'blocks'))).toBe(bytes)
    await store.remove(key)
    expect(existsSync(path.join(folder, 'blocks', key))).toBe(false)
    expect(await store.usedDiskBytes()).toBe(0)
    await store.close()
    expect(await coresIn(folder)).toBe(0)
    // RocksDB's own files, whatever the model.
    expect(diskUse(folder)).toBeLessThan(200_000)
  })
})

async function coresIn(folder: string): Promise<number> {
  const storage = new WeightsStorage(path.join(folder, 'cores'))
  let cores = 0
  for await (const core of storage.createCoreStream()) cores += core.discoveryKey.length / 32
  await storage.close()
  return cores
}

async function writeCore(folder: string, key: ModelKey): Promise<void> {
  const storage = new WeightsStorage(path.join(folder, 'cores'))
  const bytes = Buffer.from(key, 'hex')
  const core = { key: bytes, manifest: null, keyPair: null, discoveryKey: bytes }
  await (await storage.createCore(core)).close()
  await storage.close()
}
