import createTestnet, { type Testnet } from 'hyperdht/testnet.js'
import { expect, onTestFinished, test } from 'vitest'
import { NetworkTopics } from '#swarm/network-topics.ts'
import { topicOf } from '#swarm/topic.ts'
import { startPeer as startPeerOf } from '#test/support/fakes/fake-swarm.ts'
import { manyLayers, openStore } from '#test/support/weights/store-fixture.ts'
import type { WeightsStore } from '#weights/weights-store.ts'

const generous = { isAllowed: true, bytesPerSecond: Infinity, bytesPerMonth: Infinity }

test('peers who never met on their network’s own topic find each other by the model', async () => {
  const testnet = await createTestnet(3)
  onTestFinished(() => testnet.destroy())
  const seeder = await openStore()
  const { info } = await seeder.importFile(await manyLayers())
  seeder.setUploadLimits(generous)
  await startPeer(testnet, seeder, 'one')
  const store = await openStore()
  const fetching = store.fetch(info.key, { first: 8, end: 16 })
  await startPeer(testnet, store, 'two')
  expect(await fetching).toMatchObject({ state: 'partial', info })
  expect(seeder.exchanged(info.key).uploadedBytes).toBe(store.exchanged(info.key).downloadedBytes)
})

/** `place`: where it is on the network; whoever is elsewhere is met by what they have and want only. */
async function startPeer(testnet: Testnet, store: WeightsStore, place: string): Promise<void> {
  const peer = await startPeerOf({
    bootstrap: testnet.bootstrap,
    onConnection: (stream) => store.attach(stream)
  })
  onTestFinished(() => peer.close())
  await peer.swarm.join(topicOf(place))
  store.discoverBy(new NetworkTopics(peer.swarm, topicOf('network')))
}
