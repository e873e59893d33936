import { Worker } from 'node:worker_threads'
import { SkeinError } from '#contract/errors.ts'
import {
  templateReplySchema,
  type TemplateInput,
  type TemplateReply,
  type TemplateRequest
} from './template-messages.ts'

export interface TemplateLimits {
  /** For one template, counted from when the worker takes it up. */
  readonly timeMillis: number
  /** Of the worker's JavaScript heap. */
  readonly memoryMegabytes: number
}

/** A worker that does not even start within this is broken; generous, as a busy PC starts threads slowly. */
const startMillis = 60_000

interface Waiting {
  resolve(text: string): void
  reject(error: SkeinError): void
}

/** One worker thread; renders one template at a time. Once ended, it stays ended. */
export class TemplateWorker {
  readonly #worker: Worker
  readonly #limits: TemplateLimits
  readonly #ready: Promise<void>
  #settleReady: { resolve(): void; reject(error: SkeinError): void }
  #waiting: Waiting | undefined
  #nextId = 1
  isAlive = true

  constructor(entry: URL, limits: TemplateLimits) {
    this.#limits = limits
    const ready = Promise.withResolvers<undefined>()
    this.#ready = ready.promise.then(() => undefined)
    this.#ready.catch(() => undefined) // whoever renders sees it
    this.#settleReady = { resolve: () => ready.resolve(undefined), reject: ready.reject }
    this.#worker = new Worker(entry, {
      env: {},
      stdin: false,
      name: 'skein chat template',
      resourceLimits: {
        maxOldGenerationSizeMb: limits.memoryMegabytes,
        maxYoungGenerationSizeMb: Math.max(1, Math.floor(limits.memoryMegabytes / 8))
      }
    })
    this.#worker.unref()
    this.#worker.on('message', (message: unknown) => this.#take(message))
    this.#worker.on('error', (error) => {
      const detail = error instanceof Error ? error.message : String(error)
      void this.end(new SkeinError('template-invalid', detail, { cause: error }))
    })
    this.#worker.on(
      'exit',
      () => void this.end(new SkeinError('template-invalid', 'worker exited'))
    )
  }

  async render(template: string, input: TemplateInput): Promise<string> {
    await this.#within(startMillis, this.#ready)
    const answer = Promise.withResolvers<string>()
    this.#waiting = answer
    const request: TemplateRequest = { id: this.#nextId++, template, input }
    this.#worker.postMessage(request)
    return this.#within(this.#limits.timeMillis, answer.promise)
  }

  /** Ends the thread, even in an endless loop; whoever waits gets `reason`. */
  async end(reason: SkeinError): Promise<void> {
    this.isAlive = false
    this.#waiting?.reject(reason)
    this.#waiting = undefined
    this.#settleReady.reject(reason)
    await this.#worker.terminate()
  }

  #take(message: unknown): void {
    const parsed = templateReplySchema.safeParse(message)
    if (!parsed.success) {
      void this.end(new SkeinError('template-invalid', 'the worker answered nonsense'))
      return
    }
    const reply: TemplateReply = parsed.data
    if (reply.kind === 'ready') return this.#settleReady.resolve()
    const waiting = this.#waiting
    this.#waiting = undefined
    if (reply.kind === 'rendered') waiting?.resolve(reply.text)
    else waiting?.reject(new SkeinError('template-invalid', reply.reason))
  }

  async #within<Value>(millis: number, work: Promise<Value>): Promise<Value> {
    const timer = setTimeout(() => void this.end(new SkeinError('template-timeout')), millis)
    try {
      return await work
    } finally {
      clearTimeout(timer)
    }
  }
}
