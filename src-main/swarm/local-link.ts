import type { PeerKey, SessionId } from '#contract/peer.ts'
import type {
  OpenedSession,
  OpenSession,
  Relink,
  SessionEvents,
  StageLink,
  StageService,
  Step
} from '#contract/stage.ts'

/** This peer's own stages, called without a wire. Events come later, never inside a call: as from a remote peer. */
export class LocalLink implements StageLink {
  readonly peer: PeerKey
  readonly roundTripMillis = undefined
  readonly #service: StageService

  constructor(peer: PeerKey, service: StageService) {
    this.peer = peer
    this.#service = service
  }

  open(request: OpenSession, events: SessionEvents): Promise<OpenedSession> {
    return this.#service.open(request, {
      peer: this.peer,
      events: {
        result: (result) => Promise.resolve().then(() => events.result(result)),
        failed: (error) => queueMicrotask(() => events.failed(error)),
        notice: (notice) => queueMicrotask(() => events.notice(notice))
      }
    })
  }

  step(step: Step): Promise<void> {
    return this.#service.step(step, this.peer)
  }

  relink(request: Relink): Promise<void> {
    return this.#service.relink(request, this.peer)
  }

  rollback(session: SessionId, epoch: number, position: number): void {
    this.#service.rollback(session, epoch, position, this.peer)
  }

  close(session: SessionId): void {
    this.#service.close(session, this.peer)
  }
}
