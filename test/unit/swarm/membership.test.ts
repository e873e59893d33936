import { describe, expect, it } from 'vitest'
import { isSameProof, membershipKey, membershipProof } from '#swarm/membership.ts'
import { topicOf } from '#swarm/topic.ts'

const key = membershipKey('an invite')
const handshake = new Uint8Array(64).fill(7)
const proof = membershipProof(key, handshake, 'initiator')

describe('the proof that a peer belongs to a network', () => {
  it('holds for the same secret, the same connection and the same end', () => {
    expect(
      isSameProof(proof, membershipProof(membershipKey('an invite'), handshake, 'initiator'))
    ).toBe(true)
  })

  it.each([
    ['another secret', membershipProof(membershipKey('another'), handshake, 'initiator')],
    ['no secret', membershipProof(membershipKey(''), handshake, 'initiator')],
    ['the topic for a secret', membershipProof(topicOf('an invite'), handshake, 'initiator')],
    ['another connection', membershipProof(key, new Uint8Array(64).fill(8), 'initiator')],
    ['the other end', membershipProof(key, handshake, 'responder')],
    ['nothing', new Uint8Array()],
    ['a part of it', proof.subarray(1)]
  ])('does not hold for %s', (_name, other) => {
    expect(isSameProof(other, proof)).toBe(false)
  })
})
