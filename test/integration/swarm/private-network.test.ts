import DHT from 'hyperdht'
import Protomux from 'protomux'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { membershipKey } from '#swarm/membership.ts'
import { publicKeyOf } from '#swarm/peer-key.ts'
import { restOfMessage } from '#swarm/wire/codec.ts'
import { createFakeSwarm, type FakePeer, type FakeSwarm } from '#test/support/fakes/fake-swarm.ts'

const secret = membershipKey('correct horse battery')
/** What a peer says once it trusts the other end; the first that a stranger would hear. */
const spoken = ['skein/hello', 'skein/announce/2', 'skein/stage/2', 'hypercore/alpha']

describe('a private network', () => {
  let swarm: FakeSwarm
  let member: FakePeer
  let attached = 0

  beforeAll(async () => {
    swarm = await createFakeSwarm()
    const onConnection = (): void => {
      attached++
    }
    member = await swarm.peer({
      membershipKey: secret,
      onConnection,
      ranges: [{ first: 0, end: 3 }]
    })
  })
  afterAll(() => swarm.close())

  it('lets members meet', async () => {
    const other = await swarm.peer({ membershipKey: secret, ranges: [{ first: 3, end: 6 }] })
    await expect.poll(() => other.swarm.stages().length).toBe(2)
    await expect.poll(() => member.swarm.stages().length).toBe(2)
    expect(attached).toBe(1)
  })

  it.each([
    ['no secret', undefined],
    ['another secret', membershipKey('another')]
  ])('refuses a peer that knows the topic and %s, both ways', async (_name, wrong) => {
    const before = attached
    const stranger = await swarm.peer(wrong === undefined ? {} : { membershipKey: wrong })
    await expect(stranger.swarm.link(member.swarm.self)).rejects.toMatchObject({
      code: 'not-a-member'
    })
    expect(stranger.swarm.known()).toEqual([])
    expect(stranger.swarm.connected()).toEqual([])
    expect(member.swarm.connected().map(({ peer }) => peer)).not.toContain(stranger.swarm.self)
    expect(attached).toBe(before)
  })

  it.each([
    ['proves nothing', () => new Uint8Array(32)],
    ['sends a member its own proof back', (frame: Uint8Array) => frame.subarray(-32)]
  ])('says nothing but its proof to a stranger who %s', async (_name, prove) => {
    const dht = new DHT({
      bootstrap: swarm.testnet.bootstrap,
      host: '127.0.0.1',
      ephemeral: true,
      firewalled: false
    })
    try {
      const stream = dht.connect(publicKeyOf(member.swarm.self))
      stream.on('error', () => undefined)
      const closed = new Promise<void>((resolve) => stream.on('close', () => resolve()))
      const channel = new Protomux(stream).createChannel({
        protocol: 'skein/member/1',
        handshake: restOfMessage
      })
      const heard: Uint8Array[] = []
      stream.on('data', (frame) => {
        if (!(frame instanceof Uint8Array)) return
        if (heard.push(frame) === 1) channel?.open(prove(frame))
      })
      await closed
      const text = Buffer.concat(heard).toString('latin1')
      expect(text).toContain('skein/member/1')
      for (const protocol of spoken) expect(text).not.toContain(protocol)
    } finally {
      await dht.destroy()
    }
  })
})
