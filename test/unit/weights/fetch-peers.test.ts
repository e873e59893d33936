import SecretStream from '@hyperswarm/secret-stream'
import type { ReplicationPeer } from 'hypercore'
import { expect, test } from 'vitest'
import { FetchPeers } from '#weights/fetch/fetch-peers.ts'

interface FakePeer extends ReplicationPeer {
  readonly isDropped: () => boolean
}

function peer(name: number, inflight: number): FakePeer {
  let isDropped = false
  return {
    remotePublicKey: new Uint8Array(32).fill(name),
    stream: new SecretStream(true, null),
    inflight,
    paused: false,
    remoteContiguousLength: 0,
    remoteBitfield: { get: () => false },
    replicator: { updatePeer: () => undefined },
    onrequest: () => Promise.resolve(),
    oncancel: () => undefined,
    wireNoData: { send: () => true },
    isDropped: () => isDropped,
    channel: {
      opened: true,
      closed: false,
      open: () => undefined,
      close: () => {
        isDropped = true
      },
      addMessage: () => ({ send: () => true })
    }
  }
}

test('a peer that keeps its requests while another delivers is let go', () => {
  const [slow, quick, idle] = [peer(1, 16), peer(2, 16), peer(3, 0)]
  const peers = new FetchPeers({ peers: [slow, quick, idle] }, 1000)
  peers.tick(0)
  peers.onBlock(quick, 65_536, 900)
  peers.tick(1000)
  expect(slow.isDropped()).toBe(false)
  peers.tick(1001)
  expect([slow, quick, idle].map((it) => it.isDropped())).toEqual([true, false, false])
})

test('the only peer is waited for, however slow', () => {
  const [only, other] = [peer(1, 16), peer(2, 16)]
  const peers = new FetchPeers({ peers: [only, other] }, 1000)
  peers.tick(0)
  peers.tick(100_000)
  expect([only, other].map((it) => it.isDropped())).toEqual([false, false])
})

test('bytes and speed are told per peer', () => {
  const quick = peer(2, 16)
  const peers = new FetchPeers({ peers: [quick] }, 1000)
  peers.tick(0)
  peers.onBlock(quick, 50_000, 10)
  peers.tick(500)
  expect(peers.report()).toEqual([
    { peer: '02'.repeat(32), bytes: 50_000, bytesPerSecond: 100_000 }
  ])
})
