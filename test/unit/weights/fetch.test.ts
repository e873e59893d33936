import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { modelKeySchema } from '#contract/model.ts'
import type { FetchProgress, StoredModel } from '#contract/weights.ts'
import { rangesOf } from '#model/carve.ts'
import { readGguf } from '#model/gguf.ts'
import { connect, linkStores } from '#test/support/weights/link-stores.ts'
import { lyingPeer, type GiveBlock } from '#test/support/weights/lying-peer.ts'
import { modelFile, openStore } from '#test/support/weights/store-fixture.ts'
import { temporaryFolder } from '#test/support/temporary-folder.ts'
import { blockBytes } from '#weights/block-size.ts'
import { bytesOfRun, runsOf } from '#weights/fetch/block-runs.ts'
import type { UploadLimits } from '#weights/upload-control.ts'
import { WeightsStore } from '#weights/weights-store.ts'

const generous: UploadLimits = {
  isAllowed: true,
  bytesPerSecond: Infinity,
  bytesPerMonth: Infinity
}
const nothing: UploadLimits = { ...generous, isAllowed: false }
const middle = { first: 1, end: 3 }

describe('a peer that knows only the key', () => {
  test('fetches the header and the blocks of its layers, and no more', async () => {
    const { seeder, model, bytes } = await seederOf()
    const store = await openStore()
    const { near } = linkStores(store, seeder)

    const progress: FetchProgress[] = []
    const fetched = await store.fetch(model.info.key, middle, {
      onProgress: (it) => progress.push(it)
    })
    expect(fetched).toMatchObject({ info: { layers: 4, bytes: bytes.length }, state: 'partial' })
    const source = store.source(model.info.key)
    const gguf = await readGguf(source)
    const ranges = rangesOf(gguf, middle)
    for (const { offset, bytes: length } of ranges) {
      const expected = bytes.subarray(offset, offset + length)
      expect(expected.equals(await source.read(offset, length))).toBe(true)
    }
    const needed = runsOf(ranges).reduce((sum, run) => sum + bytesOfRun(run, source.size), 0)
    expect(store.usage().downloadedBytes).toBe(needed)
    expect(seeder.usage().uploadedBytes).toBe(needed)
    expect(near.rawBytesRead / needed).toBeLessThan(1.02)
    expect(progress.at(-1)).toMatchObject({
      state: 'fetching',
      doneBytes: needed,
      totalBytes: needed,
      peers: [{ bytes: needed }]
    })
    const other = gguf.tensors.find(({ name }) => name === 'blk.3.ffn_up.weight')
    const beyond = (other?.offset ?? 0) + 50_000
    await expect(source.read(beyond, 1)).rejects.toMatchObject({ code: 'model-not-here' })
  })

  test('fetches the header alone where no more is asked for', async () => {
    const { seeder, model } = await seederOf()
    const store = await openStore()
    linkStores(store, seeder)
    expect(await store.fetch(model.info.key, 'header')).toMatchObject({ state: 'partial' })
    expect((await readGguf(store.source(model.info.key))).tensors).not.toHaveLength(0)
    // This model's header fits into one block.
    expect(store.usage().downloadedBytes).toBe(blockBytes)
  })

  test('fetches from several at once, what each of them has', async () => {
    const { seeder, model, bytes } = await seederOf()
    const halves = [await openStore(), await openStore()]
    for (const [index, half] of halves.entries()) {
      const link = linkStores(half, seeder)
      await half.fetch(model.info.key, { first: 2 * index, end: 2 * index + 2 })
      link.cut()
      half.setUploadLimits(generous)
    }
    const store = await openStore()
    for (const half of halves) linkStores(store, half)
    await store.fetch(model.info.key, { first: 0, end: 4 })
    for (const half of halves) expect(half.usage().uploadedBytes).toBeGreaterThan(bytes.length / 4)
    await expectSameLayers(store, model, bytes)
  })

  test('gives on what it has while it still fetches', async () => {
    const { seeder, model } = await seederOf()
    const middleman = await openStore()
    middleman.setUploadLimits(generous)
    const store = await openStore()
    linkStores(middleman, seeder)
    linkStores(store, middleman)
    await Promise.all([
      middleman.fetch(model.info.key, middle),
      store.fetch(model.info.key, middle)
    ])
    expect(middleman.usage().uploadedBytes).toBe(middleman.usage().downloadedBytes)
  })

  test('says that nobody online has it, and goes on when somebody comes', async () => {
    const { seeder, model } = await seederOf()
    const store = await openStore()
    const { promise: searched, resolve } = Promise.withResolvers<FetchProgress>()
    const fetching = store.fetch(model.info.key, middle, { onProgress: resolve })
    expect(await searched).toMatchObject({ state: 'searching', doneBytes: 0, peers: [] })
    linkStores(store, seeder)
    expect(await fetching).toMatchObject({ state: 'partial' })
  })

  test('can stop, and then asks for nothing more', async () => {
    const store = await openStore()
    const stop = new AbortController()
    const unknown = modelKeySchema.parse('ab'.repeat(32))
    const fetching = store.fetch(unknown, undefined, { signal: stop.signal })
    stop.abort()
    await expect(fetching).rejects.toMatchObject({ code: 'cancelled' })
    expect(await store.models()).toEqual([])
  })

  test.each(['removed', 'closed'])('stops when the model is %s', async (how) => {
    const { seeder, model } = await seederOf()
    // One block a second: nothing is done before the test is.
    seeder.setUploadLimits({ ...generous, bytesPerSecond: 65_536 })
    const folder = temporaryFolder()
    const store = await WeightsStore.open(folder)
    linkStores(store, seeder)
    const { promise: begun, resolve } = Promise.withResolvers<undefined>()
    const fetching = store.fetch(model.info.key, undefined, {
      onProgress: ({ doneBytes }) => {
        if (doneBytes > 0) resolve(undefined)
      }
    })
    const failed = expect(fetching).rejects.toMatchObject({ code: 'cancelled' })
    await begun
    await (how === 'removed' ? store.remove(model.info.key) : store.close())
    await failed
    if (how === 'removed') await store.close()
    const next = await openStore(folder)
    expect(await next.models()).toHaveLength(how === 'removed' ? 0 : 1)
  })

  test('waits while the disk is full, and goes on when there is room', async () => {
    const { seeder, model } = await seederOf()
    let free = 0
    const store = await openStore(temporaryFolder(), {
      freeBytes: () => Promise.resolve(free),
      clock: { now: () => performance.now(), wait: () => new Promise((done) => setImmediate(done)) }
    })
    linkStores(store, seeder)
    const states = new Set<string>()
    const fetching = store.fetch(model.info.key, middle, {
      onProgress: ({ state, pausedBy }) => {
        states.add(`${state} ${pausedBy ?? ''}`)
        if (state === 'paused') free = Infinity
      }
    })
    await fetching
    expect([...states]).toContain('paused disk-full')
  })
})

describe('a fetch that was cut off', () => {
  test('goes on in the next process without fetching anything twice', async () => {
    const { seeder, model, bytes } = await seederOf()
    const folder = temporaryFolder()
    const first = await WeightsStore.open(folder)
    linkStores(first, seeder)
    await first.fetch(model.info.key, { first: 0, end: 2 })
    await first.close()

    const store = await openStore(folder)
    expect(await store.models()).toMatchObject([{ state: 'partial' }])
    linkStores(store, seeder)
    await store.fetch(model.info.key)
    expect(await store.model(model.info.key)).toMatchObject({ state: 'whole' })
    expect(store.usage().downloadedBytes).toBe(bytes.length)
  })

  test('is done by adding the file itself', async () => {
    const { seeder, model } = await seederOf()
    const store = await openStore()
    linkStores(store, seeder)
    await store.fetch(model.info.key, middle)
    await store.importFile(model.path ?? '')
    expect(await store.model(model.info.key)).toMatchObject({ state: 'whole', path: model.path })
    expect(await store.verify(model.info.key)).toMatchObject({ damagedBlocks: 0 })
  })
})

describe('seeding', () => {
  test('is off until the person agreed, and begins on open connections when they do', async () => {
    const { seeder, model } = await seederOf()
    seeder.setUploadLimits(nothing)
    const store = await openStore()
    linkStores(store, seeder)
    const { promise: searched, resolve } = Promise.withResolvers<FetchProgress>()
    const fetching = store.fetch(model.info.key, middle, { onProgress: resolve })
    await searched
    seeder.setUploadLimits(generous)
    await fetching
  })

  test('can be off for one model', async () => {
    const { seeder, model, bytes } = await seederOf()
    await seeder.setSeeding(model.info.key, false)
    const honest = await openStore()
    await honest.importFile(model.path ?? '')
    honest.setUploadLimits(generous)
    const store = await openStore()
    linkStores(store, seeder)
    linkStores(store, honest)
    await store.fetch(model.info.key)
    expect(seeder.usage().uploadedBytes).toBe(0)
    // More where the last blocks were asked for twice.
    expect(honest.usage().uploadedBytes).toBeGreaterThanOrEqual(bytes.length)
  })
})

describe('among peers that lie', () => {
  const lies: Record<string, GiveBlock> = {
    'wrong blocks': async (read, index) => {
      const block = Uint8Array.from((await read()) ?? [])
      if (index > 0) block[7] = (block[7] ?? 0) ^ 1
      return block
    },
    'blocks that are too short': async (read, index) => {
      const block = (await read()) ?? new Uint8Array()
      return index > 0 ? block.subarray(1) : block
    },
    'nothing of what it claims to have': () => Promise.resolve(null),
    'no answer at all': () => new Promise(() => undefined)
  }

  test.each(Object.entries(lies))('one that gives %s costs nothing but time', async (_, give) => {
    const { seeder, model, bytes } = await seederOf()
    const liar = await lyingPeer(model.path ?? '', give)
    const store = await openStore(temporaryFolder(), { stallMs: 300 })
    const toLiar = connect()
    liar.attach(toLiar.far)
    store.attach(toLiar.near)
    linkStores(store, seeder)
    await store.fetch(model.info.key)
    const source = store.source(model.info.key)
    expect(bytes.equals(await source.read(0, source.size))).toBe(true)
  })

  test('whoever gives a wrong block loses the connection', async () => {
    const { model } = await seederOf()
    const liar = await lyingPeer(model.path ?? '', lies['wrong blocks'] ?? fail)
    const store = await openStore()
    const { near, far } = connect()
    const lost = new Promise<Error>((resolve) => near.on('error', resolve))
    liar.attach(far)
    store.attach(near)
    const stop = new AbortController()
    const fetching = store.fetch(model.info.key, undefined, { signal: stop.signal })
    expect(await lost).toMatchObject({ code: 'protocol-violation' })
    stop.abort()
    await expect(fetching).rejects.toMatchObject({ code: 'cancelled' })
  })
})

function fail(): never {
  throw new Error('unreachable')
}

interface Seeder {
  readonly seeder: WeightsStore
  readonly model: StoredModel
  readonly bytes: Buffer
}

async function seederOf(): Promise<Seeder> {
  const seeder = await openStore()
  const model = await seeder.importFile(await modelFile())
  seeder.setUploadLimits(generous)
  return { seeder, model, bytes: readFileSync(model.path ?? '') }
}

/** All layers' bytes as they are in the file: what a fetch of all layers leaves out is padding between tensors. */
async function expectSameLayers(
  store: WeightsStore,
  { info }: StoredModel,
  bytes: Buffer
): Promise<void> {
  const source = store.source(info.key)
  const ranges = rangesOf(await readGguf(source), { first: 0, end: info.layers })
  for (const { offset, bytes: length } of ranges) {
    const expected = bytes.subarray(offset, offset + length)
    expect(expected.equals(await source.read(offset, length))).toBe(true)
  }
}
