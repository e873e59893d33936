import type { Channel, Message } from 'protomux'
import type { SessionId } from '#contract/peer.ts'
import type { OpenSession, Relink, Step, StepResult } from '#contract/stage.ts'
import { decodeWhole, restOfMessage, type Codec } from './wire/codec.ts'
import {
  noticeMessage,
  notRelinkedMessage,
  relinkedMessage,
  relinkMessage
} from './wire/relink-messages.ts'
import { resultMessage } from './wire/result-message.ts'
import {
  closeMessage,
  failureMessage,
  openMessage,
  openedMessage,
  rollbackMessage,
  takenMessage
} from './wire/session-messages.ts'
import { stepMessage } from './wire/step-message.ts'

type Payload<C> = C extends Codec<infer T> ? T : never
type Opened = Payload<typeof openedMessage>
type Failure = Payload<typeof failureMessage>
type Rollback = Payload<typeof rollbackMessage>
type Relinked = Payload<typeof relinkedMessage>
type NotRelinked = Payload<typeof notRelinkedMessage>
type Notice = Payload<typeof noticeMessage>

/** What arrives on a stage channel: calls to our stages, and answers of theirs. */
export interface StageWireHandlers {
  open(request: OpenSession): void
  step(step: Step): void
  rollback(rollback: Rollback): void
  close(session: SessionId): void
  opened(opened: Opened): void
  refused(failure: Failure): void
  result(result: StepResult): void
  failed(failure: Failure): void
  /** Bytes of our steps that the other end has taken since it last said so. */
  taken(bytes: number): void
  relink(request: Relink): void
  relinked(relinked: Relinked): void
  notRelinked(failure: NotRelinked): void
  notice(notice: Notice): void
  /** A handler or a decoder threw. */
  fault(error: unknown): void
}

/** The channel `skein/stage/2`: typed messages in both directions. The order of the messages is part of the version. */
export class StageWire {
  readonly open: Message<OpenSession>
  readonly opened: Message<Opened>
  readonly refused: Message<Failure>
  readonly step: Message<Step>
  readonly result: Message<StepResult>
  readonly rollback: Message<Rollback>
  readonly close: Message<SessionId>
  readonly failed: Message<Failure>
  readonly taken: Message<number>
  readonly relink: Message<Relink>
  readonly relinked: Message<Relinked>
  readonly notRelinked: Message<NotRelinked>
  readonly notice: Message<Notice>

  constructor(channel: Channel, handlers: StageWireHandlers) {
    const add = <T>(codec: Codec<T>, handle: (value: T) => void): Message<T> =>
      addMessage(channel, codec, handle, (error) => handlers.fault(error))
    this.open = add(openMessage, (request) => handlers.open(request))
    this.opened = add(openedMessage, (opened) => handlers.opened(opened))
    this.refused = add(failureMessage, (failure) => handlers.refused(failure))
    this.step = add(stepMessage, (step) => handlers.step(step))
    this.result = add(resultMessage, (result) => handlers.result(result))
    this.rollback = add(rollbackMessage, (rollback) => handlers.rollback(rollback))
    this.close = add(closeMessage, (session) => handlers.close(session))
    this.failed = add(failureMessage, (failure) => handlers.failed(failure))
    this.taken = add(takenMessage, (bytes) => handlers.taken(bytes))
    this.relink = add(relinkMessage, (request) => handlers.relink(request))
    this.relinked = add(relinkedMessage, (relinked) => handlers.relinked(relinked))
    this.notRelinked = add(notRelinkedMessage, (failure) => handlers.notRelinked(failure))
    this.notice = add(noticeMessage, (notice) => handlers.notice(notice))
  }
}

/** Decodes inside our own guard, so that a malformed message is a `fault` with a code and never Protomux's business. */
export function addMessage<T>(
  channel: Channel,
  codec: Codec<T>,
  handle: (value: T) => void,
  fault: (error: unknown) => void
): Message<T> {
  return channel.addMessage<T>({
    encoding: {
      preencode: (state, value) => codec.preencode(state, value),
      encode: (state, value) => codec.encode(state, value),
      decode: (state) => restOfMessage.decode(state)
    },
    autoBatch: false,
    onmessage(payload) {
      try {
        handle(decodeWhole(codec, payload))
      } catch (error) {
        fault(error)
      }
    }
  })
}
