import { SkeinError } from '#contract/errors.ts'
import type { PeerKey } from '#contract/peer.ts'
import type { StageService } from '#contract/stage.ts'

/**
 * Lets this peer use its own stages always, and others only while the person lends. Sessions that were opened while
 * lending was on go on to their end.
 */
export function lendingGate(
  service: StageService,
  self: PeerKey,
  isLending: () => boolean
): StageService {
  return {
    open(request, caller) {
      if (caller.peer !== self && !isLending()) {
        return Promise.reject(new SkeinError('stage-not-here', 'this peer does not lend'))
      }
      return service.open(request, caller)
    },
    step: (step, from) => service.step(step, from),
    relink: (request, from) => service.relink(request, from),
    rollback: (session, epoch, position, from) => service.rollback(session, epoch, position, from),
    close: (session, from) => service.close(session, from),
    silent: (peer) => service.silent(peer),
    gone: (peer) => service.gone(peer)
  }
}
