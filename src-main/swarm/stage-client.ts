import { SkeinError, type ErrorValue } from '#contract/errors.ts'
import type { PeerKey, SessionId } from '#contract/peer.ts'
import type {
  OpenedSession,
  OpenSession,
  Relink,
  SessionEvents,
  StageLink,
  StageNotice,
  Step,
  StepResult
} from '#contract/stage.ts'
import type { StageWire } from './stage-wire.ts'
import { StepOutbox } from './step-outbox.ts'
import { violation } from './wire/codec.ts'

interface Opening {
  readonly resolve: (opened: OpenedSession) => void
  readonly reject: (error: SkeinError) => void
  readonly events: SessionEvents
  readonly timer: NodeJS.Timeout
}

interface Relinking {
  readonly resolve: () => void
  readonly reject: (error: SkeinError) => void
  readonly timer: NodeJS.Timeout
}

/** What a client needs of the connection that it stands on. */
export interface ClientPort {
  readonly peer: PeerKey
  readonly wire: StageWire
  /** How long a peer may take to open a session, in milliseconds. */
  readonly openMs: number
  roundTripMillis(): number | undefined
  /** Resolves when the connection has sent what waited. Throws `peer-lost`. */
  drained(): Promise<void>
  /** Says that the connection is in use. */
  touch(): void
  /** Whether one more answer to a session that is not here may be excused. */
  excuseStray(): boolean
  fault(error: unknown): void
}

/** Another peer's stages over one connection. */
export class StageClient implements StageLink {
  readonly #port: ClientPort
  readonly #opening = new Map<SessionId, Opening>()
  readonly #sessions = new Map<SessionId, SessionEvents>()
  readonly #relinking = new Map<string, Relinking>()
  readonly #outbox: StepOutbox
  #lost: SkeinError | undefined

  constructor(port: ClientPort) {
    this.#port = port
    this.#outbox = new StepOutbox((step) =>
      port.wire.step.send(step) ? Promise.resolve() : port.drained()
    )
  }

  get peer(): PeerKey {
    return this.#port.peer
  }

  get roundTripMillis(): number | undefined {
    return this.#port.roundTripMillis()
  }

  /** Sessions that wait for this peer. */
  get sessions(): number {
    return this.#opening.size + this.#sessions.size
  }

  open(request: OpenSession, events: SessionEvents): Promise<OpenedSession> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost)
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.close(request.session)
        reject(new SkeinError('peer-stalled', 'no answer to the opening of a session'))
      }, this.#port.openMs)
      this.#opening.set(request.session, { resolve, reject, events, timer })
      this.#port.touch()
      this.#port.wire.open.send(request)
    })
  }

  step(step: Step): Promise<void> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost)
    this.#port.touch()
    return this.#outbox.send(step)
  }

  relink(request: Relink): Promise<void> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost)
    const name = relinkName(request)
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () =>
          this.#takeRelinking(name)?.reject(
            new SkeinError('peer-stalled', 'no answer to a relink')
          ),
        this.#port.openMs
      )
      this.#relinking.set(name, { resolve, reject, timer })
      this.#port.touch()
      this.#port.wire.relink.send(request)
    })
  }

  rollback(session: SessionId, epoch: number, position: number): void {
    this.#outbox.drop(session)
    if (this.#lost === undefined) this.#port.wire.rollback.send({ session, epoch, position })
  }

  close(session: SessionId): void {
    this.#takeOpening(session)?.reject(new SkeinError('cancelled'))
    this.#sessions.delete(session)
    this.#outbox.drop(session)
    if (this.#lost === undefined) this.#port.wire.close.send(session)
  }

  onOpened(session: SessionId, opened: OpenedSession): void {
    const opening = this.#takeOpening(session)
    if (opening === undefined) return this.#stray()
    this.#sessions.set(session, opening.events)
    opening.resolve(opened)
  }

  onRefused(session: SessionId, error: ErrorValue): void {
    const opening = this.#takeOpening(session)
    if (opening === undefined) return this.#stray()
    opening.reject(SkeinError.fromValue(error))
  }

  onResult(result: StepResult): void {
    const events = this.#sessions.get(result.session)
    if (events === undefined) return this.#stray()
    this.#port.touch()
    events.result(result).catch((error: unknown) => this.#port.fault(error))
  }

  onFailed(session: SessionId, error: ErrorValue): void {
    const events = this.#sessions.get(session)
    if (events === undefined) return this.#stray()
    this.#sessions.delete(session)
    events.failed(error)
  }

  onNotice(session: SessionId, notice: StageNotice): void {
    const events = this.#sessions.get(session)
    if (events === undefined) return this.#stray()
    events.notice(notice)
  }

  onRelinked(relinked: Pick<Relink, 'session' | 'turn'>): void {
    const relinking = this.#takeRelinking(relinkName(relinked))
    if (relinking === undefined) return this.#stray()
    relinking.resolve()
  }

  onNotRelinked(failure: Pick<Relink, 'session' | 'turn'>, error: ErrorValue): void {
    const relinking = this.#takeRelinking(relinkName(failure))
    if (relinking === undefined) return this.#stray()
    relinking.reject(SkeinError.fromValue(error))
  }

  /** Nothing has come from this peer for a while: who waits for its word may ask another one. */
  fallSilent(): void {
    const error = new SkeinError('peer-stalled', 'silent')
    for (const session of [...this.#opening.keys()]) {
      this.#takeOpening(session)?.reject(error)
      this.close(session)
    }
    for (const name of [...this.#relinking.keys()]) this.#takeRelinking(name)?.reject(error)
    const notice = { kind: 'silent', peer: this.peer } as const
    for (const events of [...this.#sessions.values()]) events.notice(notice)
  }

  onTaken(bytes: number): void {
    this.#outbox.taken(bytes)
  }

  /** The connection is gone: everything that waits for this peer fails with `error`. */
  lose(error: SkeinError): void {
    this.#lost = error
    this.#outbox.fail(error)
    for (const session of [...this.#opening.keys()]) this.#takeOpening(session)?.reject(error)
    for (const name of [...this.#relinking.keys()]) this.#takeRelinking(name)?.reject(error)
    const sessions = [...this.#sessions.values()]
    this.#sessions.clear()
    for (const events of sessions) events.failed(error.toValue())
  }

  #takeOpening(session: SessionId): Opening | undefined {
    const opening = this.#opening.get(session)
    this.#opening.delete(session)
    clearTimeout(opening?.timer)
    return opening
  }

  #takeRelinking(name: string): Relinking | undefined {
    const relinking = this.#relinking.get(name)
    this.#relinking.delete(name)
    clearTimeout(relinking?.timer)
    return relinking
  }

  /** An answer that crossed our `close` on its way is honest; a stream of them is not. */
  #stray(): void {
    if (!this.#port.excuseStray())
      this.#port.fault(violation('answers to sessions that nobody opened'))
  }
}

function relinkName({ session, turn }: Pick<Relink, 'session' | 'turn'>): string {
  return `${session} ${turn}`
}
