import { SkeinError } from '#contract/errors.ts'
import type { Logger } from '#contract/log.ts'
import type { EngineChannel, ForkEngine } from './fork-engine.ts'
import {
  fromEngineSchema,
  type FromEngine,
  type StartMessage,
  type ToStage,
  type ToVocabulary
} from './messages.ts'

/** Why an engine process ended: `expected` after `stop`. */
export interface EngineExit {
  readonly expected: boolean
  readonly code: number | null
  readonly signal: string | null
}

export interface EngineLaunch {
  readonly entry: URL
  readonly fork: ForkEngine
  readonly log: Logger
  /** Loading reads the weights from disk, which takes minutes where the model is large and the disk slow. */
  readonly startTimeoutMs: number
  /** How long a call may go on after `stop` before the process is ended by force. */
  readonly drainMs: number
  /** Ends a process that is still loading, at once: nothing is lost with it. Without effect later. */
  readonly signal?: AbortSignal | undefined
}

export const launchDefaults = { startTimeoutMs: 600_000, drainMs: 10_000 } as const

/** Between asking the operating system to end a process and making it. */
const killAfterMs = 2000
/** Lines of a crashed process that go into its error. */
const lastWords = 8

type Reply = Exclude<FromEngine, { type: 'stage-ready' | 'vocabulary-ready' | 'failed' }>
type Ready = Extract<FromEngine, { type: 'stage-ready' | 'vocabulary-ready' }>
interface Waiter<Message> {
  resolve(message: Message): void
  reject(error: SkeinError): void
}

/** One engine process from its start to its end: requests and their replies, its log, and how it ends. */
export class EngineHandle {
  readonly #launch: EngineLaunch
  readonly #channel: EngineChannel
  readonly #pending = new Map<number, Waiter<Reply>>()
  readonly #exitListeners: ((exit: EngineExit) => void)[] = []
  readonly #gone: Promise<void>
  #markGone: () => void = () => undefined
  #starting: Waiter<Ready> | undefined
  #lastLines: string[] = []
  #nextId = 0
  #isStopping = false
  #exit: EngineExit | undefined

  /**
   * Resolves with the process and its first word. Throws what it says against starting, `engine-unresponsive` when it
   * says nothing in time, `engine-crashed` when it dies first, `cancelled` when `signal` aborts; no process is left then.
   */
  static async start(
    message: StartMessage,
    launch: EngineLaunch
  ): Promise<{ handle: EngineHandle; ready: Ready }> {
    const { signal } = launch
    if (signal?.aborted === true) throw new SkeinError('cancelled')
    const handle = new EngineHandle(launch)
    const cancel = (): void => {
      handle.#isStopping = true
      handle.#channel.kill('SIGKILL')
    }
    signal?.addEventListener('abort', cancel, { once: true })
    const timer = setTimeout(() => {
      handle.#starting?.reject(new SkeinError('engine-unresponsive', 'it did not start in time'))
      handle.#channel.kill('SIGKILL')
    }, launch.startTimeoutMs)
    try {
      const ready = await new Promise<Ready>((resolve, reject) => {
        handle.#starting = { resolve, reject }
        handle.post(message)
      })
      return { handle, ready }
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', cancel)
      handle.#starting = undefined
    }
  }

  private constructor(launch: EngineLaunch) {
    this.#launch = launch
    this.#gone = new Promise((resolve) => {
      this.#markGone = resolve
    })
    this.#channel = launch.fork(launch.entry, {
      message: (message) => this.#receive(message),
      output: (text) => this.#record(text),
      exit: (code, signal) => this.#ended(code, signal)
    })
    launch.log.debug('engine process started', { pid: this.pid })
  }

  get pid(): number {
    return this.#channel.pid ?? 0
  }

  /** At once where the process is gone already. */
  onExit(listener: (exit: EngineExit) => void): void {
    if (this.#exit === undefined) this.#exitListeners.push(listener)
    else listener(this.#exit)
  }

  post(message: StartMessage | ToStage | ToVocabulary): void {
    this.#channel.send(message)
  }

  /** Sends what `build` makes of a fresh id; resolves with its reply. Throws the error replied, or `engine-crashed`. */
  request(build: (id: number) => ToStage | ToVocabulary, signal?: AbortSignal): Promise<Reply> {
    if (signal?.aborted) return Promise.reject(new SkeinError('cancelled'))
    if (this.#exit !== undefined) return Promise.reject(this.#exitError(this.#exit))
    const id = this.#nextId++
    const cancel = (): void => this.post({ type: 'cancel', id })
    signal?.addEventListener('abort', cancel, { once: true })
    return new Promise<Reply>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject })
      this.post(build(id))
    }).finally(() => signal?.removeEventListener('abort', cancel))
  }

  /** Lets the call at work finish, then ends the process; by force where it does not go. Resolves when it is gone. */
  async stop(): Promise<void> {
    if (this.#exit !== undefined) return
    this.#isStopping = true
    this.post({ type: 'stop' })
    const { drainMs } = this.#launch
    const terminate = setTimeout(() => this.#channel.kill('SIGTERM'), drainMs)
    const kill = setTimeout(() => this.#channel.kill('SIGKILL'), drainMs + killAfterMs)
    await this.#gone
    clearTimeout(terminate)
    clearTimeout(kill)
  }

  #receive(received: unknown): void {
    const { data: message, error } = fromEngineSchema.safeParse(received)
    if (message === undefined) {
      this.#launch.log.error('engine process broke its protocol', {
        pid: this.pid,
        problem: error.message
      })
      this.#channel.kill('SIGKILL')
      return
    }
    switch (message.type) {
      case 'stage-ready':
      case 'vocabulary-ready':
        this.#starting?.resolve(message)
        break
      case 'failed':
        this.#starting?.reject(SkeinError.fromValue(message.error))
        break
      case 'output':
      case 'tokens':
      case 'error':
        this.#settle(message)
    }
  }

  #settle(message: Reply): void {
    const waiter = this.#pending.get(message.id)
    this.#pending.delete(message.id)
    if (message.type === 'error') waiter?.reject(SkeinError.fromValue(message.error))
    else waiter?.resolve(message)
  }

  #record(text: string): void {
    for (const line of text.split('\n')) {
      if (line.trim() === '') continue
      this.#lastLines = [...this.#lastLines, line].slice(-lastWords)
      this.#launch.log.debug('engine process wrote', { pid: this.pid, line })
    }
  }

  #ended(code: number | null, signal: string | null): void {
    const exit = { expected: this.#isStopping, code, signal }
    this.#exit = exit
    const fields = { pid: this.pid, code: code ?? undefined, signal: signal ?? undefined }
    if (exit.expected) this.#launch.log.debug('engine process ended', fields)
    else this.#launch.log.warn('engine process ended by itself', fields)
    const error = this.#exitError(exit)
    this.#starting?.reject(error)
    for (const waiter of this.#pending.values()) waiter.reject(error)
    this.#pending.clear()
    this.#markGone()
    for (const listener of this.#exitListeners) listener(exit)
  }

  #exitError({ expected, code, signal }: EngineExit): SkeinError {
    if (expected) return new SkeinError('cancelled', 'the engine was stopped')
    const end = signal === null ? `exit code ${code}` : signal
    return new SkeinError('engine-crashed', [end, ...this.#lastLines].join('; '))
  }
}
