import { z } from 'zod'
import {
  isCallName,
  isStreamName,
  procedureSchemas,
  requestFrameSchema,
  streamCredit,
  type CallName,
  type ControlApi,
  type RequestFrame,
  type ResponseFrame,
  type StreamName
} from '#contract/control.ts'
import { SkeinError } from '#contract/errors.ts'
import { Credits } from './credits.ts'

/** What one window has under way at most; more is a page gone wild. */
const maxAtOnce = 64

interface Work {
  readonly abort: AbortController
  readonly credits: Credits
}

/**
 * The answering end of the control channel for one window, whatever carries its frames. What arrives is validated here,
 * once. `close` ends everything that the window asked for.
 */
export class ControlSession {
  readonly #api: ControlApi
  readonly #send: (frame: ResponseFrame) => void
  readonly #works = new Map<number, Work>()
  #isClosed = false

  constructor(api: ControlApi, send: (frame: ResponseFrame) => void) {
    this.#api = api
    this.#send = send
  }

  /** Throws `invalid-input` when it is no frame or breaks the rules: whoever sent it is to be disconnected. */
  receive(value: unknown): void {
    const parsed = requestFrameSchema.safeParse(value)
    if (!parsed.success) throw new SkeinError('invalid-input', 'not a control frame')
    if (this.#isClosed) return
    const frame = parsed.data
    switch (frame.type) {
      case 'call':
        this.#begin(frame)
        return
      // The work may have ended while these were on their way.
      case 'credit':
        this.#works.get(frame.id)?.credits.add(frame.count)
        return
      case 'cancel':
        this.#end(frame.id)
        return
    }
  }

  close(): void {
    this.#isClosed = true
    for (const id of [...this.#works.keys()]) this.#end(id)
  }

  #begin(frame: RequestFrame & { type: 'call' }): void {
    const { id } = frame
    if (this.#works.has(id)) throw new SkeinError('invalid-input', 'the id is in use')
    if (this.#works.size >= maxAtOnce) throw new SkeinError('invalid-input', 'too much at once')
    const work = { abort: new AbortController(), credits: new Credits(streamCredit) }
    this.#works.set(id, work)
    void this.#run(frame, work)
  }

  async #run({ id, procedure, input }: RequestFrame & { type: 'call' }, work: Work): Promise<void> {
    try {
      if (isCallName(procedure)) await this.#call(id, procedure, input, work)
      else if (isStreamName(procedure)) await this.#stream(id, procedure, input, work)
      else throw new SkeinError('procedure-unknown', procedure)
      this.#reply(work, { type: 'end', id })
    } catch (thrown) {
      this.#reply(work, { type: 'error', id, error: toError(thrown).toValue() })
    } finally {
      this.#works.delete(id)
    }
  }

  async #call(id: number, name: CallName, input: unknown, work: Work): Promise<void> {
    const parsed = procedureSchemas[name].input.parse(input)
    const value = await this.#api.call(name, parsed, work.abort.signal)
    this.#reply(work, { type: 'item', id, value })
  }

  async #stream(id: number, name: StreamName, input: unknown, work: Work): Promise<void> {
    const parsed = procedureSchemas[name].input.parse(input)
    for await (const value of this.#api.stream(name, parsed, work.abort.signal)) {
      await work.credits.take()
      if (work.abort.signal.aborted) return
      this.#reply(work, { type: 'item', id, value })
    }
  }

  #reply(work: Work, frame: ResponseFrame): void {
    if (!work.abort.signal.aborted) this.#send(frame)
  }

  #end(id: number): void {
    const work = this.#works.get(id)
    this.#works.delete(id)
    work?.abort.abort()
    // Whoever waits for credit wakes up, sees the end, and stops.
    work?.credits.add(1)
  }
}

function toError(thrown: unknown): SkeinError {
  return thrown instanceof z.ZodError
    ? new SkeinError('invalid-input', z.prettifyError(thrown))
    : SkeinError.from(thrown)
}
