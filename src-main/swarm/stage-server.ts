import { SkeinError, type ErrorCode } from '#contract/errors.ts'
import type { PeerKey, SessionId } from '#contract/peer.ts'
import type { OpenSession, Relink, SessionEvents, StageService, Step } from '#contract/stage.ts'
import type { StageWire } from './stage-wire.ts'
import { stepBytes, stepWindowBytes } from './wire-limits.ts'

/** Errors of a call for which its sender is to blame; all others are the stage's own and go to the coordinator. */
const faults: ReadonlySet<ErrorCode> = new Set(['protocol-violation', 'boundary-invalid'])

/** Bytes of steps that are taken before the sender is told: often enough to keep it going, and rarely for single tokens. */
const tellAfterBytes = stepWindowBytes / 4

/** What a server needs of the connection that it stands on. */
export interface ServerPort {
  readonly peer: PeerKey
  readonly wire: StageWire
  readonly service: StageService
  drained(): Promise<void>
  touch(): void
  excuseStray(): boolean
  /** Whether the peer may ask for one more session now. */
  allowOpen(): boolean
  fault(error: unknown): void
}

/** Serves one peer's calls to our stages. */
export class StageServer {
  readonly #port: ServerPort
  readonly #sessions = new Set<SessionId>()
  /** Bytes of steps that our stages have not taken yet, and of those taken that the sender does not know of. */
  #waitingBytes = 0
  #untoldBytes = 0

  constructor(port: ServerPort) {
    this.#port = port
  }

  /** Sessions that this peer has open here. */
  get sessions(): number {
    return this.#sessions.size
  }

  onOpen(request: OpenSession): void {
    const { peer, wire, service } = this.#port
    if (!this.#port.allowOpen())
      throw new SkeinError('protocol-violation', 'too many sessions asked for')
    const { session } = request
    this.#port.touch()
    service.open(request, { peer, events: this.#eventsOf(session) }).then(
      (opened) => {
        this.#sessions.add(session)
        wire.opened.send({ session, preferredRows: opened.preferredRows })
      },
      (thrown: unknown) => {
        wire.refused.send({ session, error: SkeinError.from(thrown).toValue() })
        this.#blame(thrown)
      }
    )
  }

  onStep(step: Step): void {
    this.#port.touch()
    const bytes = stepBytes(step)
    this.#waitingBytes += bytes
    if (this.#waitingBytes > stepWindowBytes) {
      throw new SkeinError('protocol-violation', 'more steps than this end can hold')
    }
    this.#port.service
      .step(step, this.#port.peer)
      .catch((thrown: unknown) => this.#blame(thrown))
      .finally(() => this.#take(bytes))
  }

  onRelink(request: Relink): void {
    const { peer, wire, service } = this.#port
    if (!this.#port.allowOpen()) throw new SkeinError('protocol-violation', 'too many relinks')
    const { session, turn } = request
    this.#port.touch()
    service.relink(request, peer).then(
      () => wire.relinked.send({ session, turn }),
      (thrown: unknown) => {
        wire.notRelinked.send({ session, turn, error: SkeinError.from(thrown).toValue() })
        this.#blame(thrown)
      }
    )
  }

  onRollback(session: SessionId, epoch: number, position: number): void {
    this.#attempt(() => this.#port.service.rollback(session, epoch, position, this.#port.peer))
  }

  onClose(session: SessionId): void {
    this.#sessions.delete(session)
    this.#attempt(() => this.#port.service.close(session, this.#port.peer))
  }

  #eventsOf(session: SessionId): SessionEvents {
    const { wire } = this.#port
    return {
      result: (result) => (wire.result.send(result) ? Promise.resolve() : this.#port.drained()),
      failed: (error) => {
        this.#sessions.delete(session)
        wire.failed.send({ session, error })
      },
      notice: (notice) => wire.notice.send({ session, notice })
    }
  }

  #attempt(call: () => void): void {
    try {
      call()
    } catch (thrown) {
      this.#blame(thrown)
    }
  }

  #blame(thrown: unknown): void {
    const error = SkeinError.from(thrown)
    if (faults.has(error.code)) this.#port.fault(error)
    else if (error.code === 'session-unknown' && !this.#port.excuseStray()) {
      this.#port.fault(new SkeinError('protocol-violation', 'calls to sessions that are not here'))
    }
  }

  /** A stage that is behind slows its sender: what it has not taken, the sender may not send again. */
  #take(bytes: number): void {
    this.#waitingBytes -= bytes
    this.#untoldBytes += bytes
    if (this.#untoldBytes < tellAfterBytes) return
    this.#port.wire.taken.send(this.#untoldBytes)
    this.#untoldBytes = 0
  }
}
