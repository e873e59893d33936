import type { BlockRequest, ReplicationPeer } from 'hypercore'

/** What Hypercore says of a block that is not to be had from here; the peer asks elsewhere. */
const notAvailable = 1

/** Decides over a block by its index; `isWanted` tells whether the peer still waits for it. */
export type AdmitBlock = (index: number, isWanted: () => boolean) => Promise<boolean>

/**
 * Makes each block that a peer asks for wait for its turn. Nothing is read before, so that a peer that asks for much costs a few bytes
 * for each request and no more.
 */
export function guardRequests(peer: ReplicationPeer, admit: AdmitBlock): void {
  const answer = peer.onrequest.bind(peer)
  const cancel = peer.oncancel.bind(peer)
  const waiting = new Map<number, BlockRequest>()

  peer.onrequest = async (request) => {
    const { id, block } = request
    if (block === null) return answer(request)
    // A number that is used again stands for the new request.
    waiting.set(id, request)
    const isWanted = (): boolean => waiting.get(id) === request && !peer.channel.closed
    const isAdmitted = await admit(block.index, isWanted)
    if (!isWanted()) return
    waiting.delete(id)
    if (isAdmitted) await answer(request)
    else peer.wireNoData.send({ request: id, reason: notAvailable })
  }

  peer.oncancel = (cancelled) => {
    waiting.delete(cancelled.request)
    cancel(cancelled)
  }
}
