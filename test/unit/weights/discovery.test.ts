import { describe, expect, test } from 'vitest'
import { modelKeySchema } from '#contract/model.ts'
import { connect, linkStores } from '#test/support/weights/link-stores.ts'
import { FakeTopics } from '#test/support/weights/fake-topics.ts'
import { lyingPeer } from '#test/support/weights/lying-peer.ts'
import { manyLayers, openStore } from '#test/support/weights/store-fixture.ts'
import { segmentsOf } from '#weights/discovery/model-topics.ts'
import type { UploadLimits } from '#weights/upload-control.ts'

const generous: UploadLimits = {
  isAllowed: true,
  bytesPerSecond: Infinity,
  bytesPerMonth: Infinity
}
const unknown = modelKeySchema.parse('ab'.repeat(32))

test.each([
  [{ first: 0, end: 8 }, [0]],
  [{ first: 7, end: 9 }, [0, 1]],
  [{ first: 8, end: 16 }, [1]],
  [{ first: 0, end: 20 }, [0, 1, 2]]
])('layers of %o are in segments %o', (range, segments) => {
  expect(segmentsOf(range)).toEqual(segments)
})

describe('a store is found', () => {
  test('by all that it has, once it may give it, and no longer', async () => {
    const store = await openStore()
    const topics = new FakeTopics()
    store.discoverBy(topics)
    const { info } = await store.importFile(await manyLayers())
    expect(topics.now().found).toEqual([])
    store.setUploadLimits(generous)
    await expect.poll(() => topics.now().found).toEqual(['', '/0', '/1', '/2'])
    await store.setSeeding(info.key, false)
    await expect.poll(() => topics.now().found).toEqual([])
    await store.setSeeding(info.key, true)
    await expect.poll(() => topics.now().found).toHaveLength(4)
    store.setUploadLimits({ ...generous, isAllowed: false })
    await expect.poll(() => topics.now().found).toEqual([])
    store.setUploadLimits(generous)
    await store.remove(info.key)
    await expect.poll(() => topics.now().found).toEqual([])
  })

  test('by the layers that it fetched, and looks for none of them any more', async () => {
    const seeder = await openStore()
    const { info } = await seeder.importFile(await manyLayers())
    seeder.setUploadLimits(generous)
    const store = await openStore()
    store.setUploadLimits(generous)
    const topics = new FakeTopics()
    store.discoverBy(topics)
    linkStores(store, seeder)
    await store.fetch(info.key, { first: 8, end: 16 })
    await expect.poll(() => topics.now()).toEqual({ found: ['', '/1'], looks: [] })
    // Its header where everybody has it, its layers where they are; then it is found there itself.
    expect(topics.joined.map((name) => name.slice(72))).toEqual(['', '/1', '', '/1'])
  })
})

describe('a store looks', () => {
  test('for a header until the fetch ends', async () => {
    const store = await openStore()
    const topics = new FakeTopics()
    store.discoverBy(topics)
    const stop = new AbortController()
    const fetching = store.fetch(unknown, 'whole', { signal: stop.signal })
    await expect.poll(() => topics.now().looks).toEqual([''])
    stop.abort()
    await expect(fetching).rejects.toMatchObject({ code: 'cancelled' })
    expect(topics.now().looks).toEqual([])
  })

  test('for the segments of all layers when it wants the whole model', async () => {
    const file = await manyLayers()
    const seeder = await openStore()
    const { info } = await seeder.importFile(file)
    // Gives the header, and then nothing.
    const liar = await lyingPeer(file, (read, index) =>
      index < 1 ? read() : Promise.resolve(null)
    )
    const { near, far } = connect()
    const store = await openStore()
    const topics = new FakeTopics()
    store.discoverBy(topics)
    liar.attach(far)
    store.attach(near)
    const stop = new AbortController()
    const fetching = store.fetch(info.key, 'whole', { signal: stop.signal })
    await expect.poll(() => topics.now().looks).toEqual(['/0', '/1', '/2'])
    stop.abort()
    await expect(fetching).rejects.toMatchObject({ code: 'cancelled' })
  })
})
