import {
  procedureSchemas,
  responseFrameSchema,
  streamCredit,
  type CallName,
  type InputOf,
  type OutputOf,
  type ProcedureName,
  type RequestFrame,
  type ResponseFrame,
  type StreamName
} from './control.ts'
import { SkeinError } from './errors.ts'
import { ItemQueue } from './item-queue.ts'

/** One call or stream on its way, by the frames that answer it. */
interface Pending {
  item(value: unknown): void
  end(): void
  fail(error: SkeinError): void
}

/** The asking end of the control channel, whatever carries its frames: a page, a window or the command line. */
export class ControlClient {
  readonly #send: (frame: RequestFrame) => void
  readonly #pending = new Map<number, Pending>()
  #nextId = 1
  #closed: SkeinError | undefined

  constructor(send: (frame: RequestFrame) => void) {
    this.#send = send
  }

  /** Throws `SkeinError`: what the node answered, `cancelled`, or what `close` was given. */
  async call<Name extends CallName>(
    name: Name,
    input: InputOf<Name>,
    signal?: AbortSignal
  ): Promise<OutputOf<Name>> {
    for await (const value of this.#items(name, input, signal)) {
      return procedureSchemas[name].output.parse(value)
    }
    throw new SkeinError('internal', `${name} ended without an answer`)
  }

  /** Ends the work behind it when `signal` aborts or the reader stops. Throws as `call` does. */
  async *stream<Name extends StreamName>(
    name: Name,
    input: InputOf<Name>,
    signal?: AbortSignal
  ): AsyncGenerator<OutputOf<Name>, void> {
    for await (const value of this.#items(name, input, signal)) {
      yield procedureSchemas[name].output.parse(value)
    }
  }

  /** What came from the node. Throws when it is no frame: the two ends do not belong together. */
  receive(value: unknown): void {
    const frame = responseFrameSchema.parse(value)
    const pending = this.#pending.get(frame.id)
    // A frame that crossed a cancel on its way finds nobody.
    if (pending !== undefined) deliver(frame, pending)
  }

  /** The channel is gone: everything on its way fails with `error`. */
  close(error: SkeinError): void {
    this.#closed = error
    for (const pending of [...this.#pending.values()]) pending.fail(error)
  }

  async *#items(
    procedure: ProcedureName,
    input: unknown,
    signal: AbortSignal | undefined
  ): AsyncGenerator<unknown, void> {
    if (this.#closed !== undefined) throw this.#closed
    if (signal?.aborted === true) throw new SkeinError('cancelled')
    const id = this.#nextId++
    const queue = new ItemQueue<unknown>()
    const onAbort = (): void => queue.fail(new SkeinError('cancelled'))
    this.#pending.set(id, {
      item: (value) => queue.push(value),
      end: () => {
        this.#pending.delete(id)
        queue.end()
      },
      fail: (error) => {
        this.#pending.delete(id)
        queue.fail(error)
      }
    })
    signal?.addEventListener('abort', onAbort, { once: true })
    this.#send({ type: 'call', id, procedure, input })
    try {
      let handled = 0
      for await (const value of queue) {
        yield value
        if (++handled < streamCredit / 2) continue
        this.#send({ type: 'credit', id, count: handled })
        handled = 0
      }
    } finally {
      signal?.removeEventListener('abort', onAbort)
      // Still awaited by the node, no longer by the reader.
      if (this.#pending.delete(id)) this.#send({ type: 'cancel', id })
    }
  }
}

function deliver(frame: ResponseFrame, pending: Pending): void {
  switch (frame.type) {
    case 'item':
      return pending.item(frame.value)
    case 'end':
      return pending.end()
    case 'error':
      return pending.fail(SkeinError.fromValue(frame.error))
  }
}
