import type { ReachableStage, StageOffer } from '#contract/announce.ts'
import { modelKeySchema } from '#contract/model.ts'
import { peerKeySchema, type PeerKey } from '#contract/peer.ts'

/** A model of six layers that only routing knows. */
export const routedModel = modelKeySchema.parse('f'.repeat(64))

/** A peer named by a number. */
export function numberedPeer(number: number): PeerKey {
  return peerKeySchema.parse(number.toString(16).padStart(64, '0'))
}

/** A stage of `peer`, one hexadecimal digit; everything about it is ordinary. */
export function reachableStage(
  peer: string,
  first: number,
  end: number,
  offer: Partial<StageOffer> = {},
  how: Partial<Omit<ReachableStage, 'peer' | 'offer'>> & { readonly isFar?: boolean } = {}
): ReachableStage {
  const { isFar = false, ...more } = how
  return {
    peer: peerKeySchema.parse(peer.padStart(64, peer)),
    isLocal: false,
    ...(isFar || more.isLocal === true ? {} : { roundTripMillis: 10 }),
    ...more,
    offer: {
      model: routedModel,
      range: { first, end },
      layers: 6,
      width: 8,
      slots: 4,
      freeSlots: 4,
      contextTokens: 1000,
      freeTokens: 1000,
      dtypes: ['float32', 'float16'],
      microsPerLayer: 1000,
      ...offer
    }
  }
}
