import { SkeinError } from '#contract/errors.ts'
import { TemplateWorker, type TemplateLimits } from './template/template-worker-handle.ts'
import type { TemplateInput } from './template/template-messages.ts'

export type { TemplateInput } from './template/template-messages.ts'
export type { TemplateLimits } from './template/template-worker-handle.ts'

/** Far above what any prompt needs, and small enough for the least of PCs. */
const defaultTemplateLimits: TemplateLimits = { timeMillis: 5000, memoryMegabytes: 128 }

/** Templates of models are up to 100,000 characters long. */
const maxTemplateLength = 1024 * 1024

/**
 * Renders chat templates, which come from strangers' files, in a worker thread with limits of time and memory. One worker
 * stays warm for the next template; one that broke a limit is ended and replaced.
 */
export class ChatTemplateRenderer {
  readonly #entry: URL
  readonly #limits: TemplateLimits
  #worker: TemplateWorker | undefined
  /** The end of the queue: templates run one after the other, so that each has its whole time. */
  #last: Promise<unknown> = Promise.resolve()
  #isClosed = false

  /** `entry` is `src-main/template-worker`, as source or built. */
  constructor(entry: URL, limits: TemplateLimits = defaultTemplateLimits) {
    this.#entry = entry
    this.#limits = limits
  }

  /**
   * The prompt for these messages. Throws `template-invalid` when the template is wrong, refuses the messages
   * (`raise_exception`) or takes too much memory, and `template-timeout` when it takes too long.
   */
  async render(template: string, input: TemplateInput): Promise<string> {
    if (template.length > maxTemplateLength) throw new SkeinError('template-invalid', 'too long')
    const rendered = this.#last.then(() => this.#renderNext(template, input))
    this.#last = rendered.catch(() => undefined)
    return rendered
  }

  /** Ends the worker; renders in progress fail with `cancelled`. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#worker?.end(new SkeinError('cancelled'))
    this.#worker = undefined
  }

  async #renderNext(template: string, input: TemplateInput): Promise<string> {
    if (this.#isClosed) throw new SkeinError('cancelled')
    this.#worker = this.#worker?.isAlive
      ? this.#worker
      : new TemplateWorker(this.#entry, this.#limits)
    return this.#worker.render(template, input)
  }
}
