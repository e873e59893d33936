import type { Announcement } from '#contract/announce.ts'
import type { ModelKey } from '#contract/model.ts'
import type { PeerKey } from '#contract/peer.ts'
import type { PlacedStage } from '#contract/placement.ts'

/**
 * The stages of a model that peers host or are about to, as placement counts them. What this peer measured itself counts as it is; a claim
 * counts only where it makes its peer look slower than the typical one: by a claim of being fast, a peer could keep others from its
 * range and leave it thin.
 */
export function placedStages(
  announcements: readonly Announcement[],
  model: ModelKey,
  measuredMicros: (peer: PeerKey) => number | undefined = () => undefined
): PlacedStage[] {
  const stages: (PlacedStage & { readonly claimed?: number | undefined })[] = []
  const claims: number[] = []
  for (const { peer, state, stages: offers, preparing = [] } of announcements) {
    if (state !== 'lending') continue
    for (const { model: its, adapter, range, microsPerLayer: claimed } of offers) {
      if (its !== model || adapter !== undefined) continue
      stages.push({ peer, range, claimed })
      if (claimed !== undefined) claims.push(claimed)
    }
    for (const { model: its, adapter, range } of preparing) {
      if (its === model && adapter === undefined) stages.push({ peer, range })
    }
  }
  const typical = claims.sort((a, b) => a - b)[claims.length >> 1]
  return stages.map(({ peer, range, claimed }) => {
    const believed =
      typical === undefined || claimed === undefined ? typical : Math.max(claimed, typical)
    const microsPerLayer = measuredMicros(peer) ?? believed
    return microsPerLayer === undefined ? { peer, range } : { peer, range, microsPerLayer }
  })
}
