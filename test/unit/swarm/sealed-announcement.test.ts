import DHT from 'hyperdht'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { peerKeyOf } from '#swarm/peer-key.ts'
import { maxPacketBytes, seal, unseal } from '#swarm/sealed-announcement.ts'
import { decodeWhole, encodeWhole } from '#swarm/wire/codec.ts'
import { gossipMessage, maxNews } from '#swarm/wire/peer-messages.ts'
import { announcementOf } from '#test/support/fakes/hostile-peer.ts'

const keyPair = DHT.keyPair()
const said = announcementOf(peerKeyOf(keyPair.publicKey), {})
const sealed = seal(said, keyPair)

const violation = /^protocol-violation/

describe('an announcement that others pass on', () => {
  it('is the peer’s own word, byte for byte', () => {
    expect(unseal(sealed.packet)).toEqual({
      announcement: said,
      packet: Uint8Array.from(sealed.packet)
    })
  })

  it('is refused when one bit of it is another', () => {
    fc.assert(
      fc.property(fc.nat(sealed.packet.byteLength * 8 - 1), (bit) => {
        const changed = Uint8Array.from(sealed.packet)
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        expect(() => unseal(changed)).toThrow()
      })
    )
  })

  it('is refused when another peer signed it, or nobody', () => {
    const forged = seal(said, DHT.keyPair())
    expect(() => unseal(forged.packet)).toThrow(violation)
    expect(() => unseal(new Uint8Array(64))).toThrow(violation)
    expect(() => unseal(new Uint8Array(maxPacketBytes + 1))).toThrow(violation)
  })

  it('travels with others, and only so many', () => {
    const news = Array.from({ length: maxNews }, () => ({ ...sealed, leftMs: 1000 }))
    const there = decodeWhole(gossipMessage, encodeWhole(gossipMessage, news))
    expect(there.map(({ announcement }) => announcement)).toEqual(news.map(() => said))
    const tooMany = encodeWhole(gossipMessage, [...news, { ...sealed, leftMs: 1000 }])
    expect(() => decodeWhole(gossipMessage, tooMany)).toThrow(violation)
  })
})
