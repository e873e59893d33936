import { stageLimits, type Replay, type Step, type StepInput } from '#contract/stage.ts'
import type { ByteBudget } from './byte-budget.ts'

/** What a step costs besides its input, in bytes, roughly. */
const overheadBytes = 512

/**
 * What a sender sent in one session, as it sent it: at wire precision, in the same steps. Whoever takes the receiver's place is filled
 * from it. Bounded by a budget that the sessions share; beyond it everything is let go, since a part from the middle fills nobody.
 */
export class SentSteps {
  readonly #budget: ByteBudget
  #steps: Step[] | undefined = []
  #bytes = 0

  constructor(budget: ByteBudget) {
    this.#budget = budget
  }

  /** Whether everything from the first row on is still here. */
  get isWhole(): boolean {
    return this.#steps !== undefined
  }

  add(step: Step): void {
    if (this.#steps === undefined) return
    const bytes = bytesOf(step)
    if (!this.#budget.take(bytes)) return this.clear()
    this.#bytes += bytes
    this.#steps.push(step)
  }

  /**
   * Forgets rows from `position` on. A step that is cut in two has another shape from then on: what is replayed from it is equal except
   * where two tokens were nearly as likely.
   */
  cut(position: number): void {
    if (this.#steps === undefined) return
    const kept = this.#steps
      .filter((step) => step.position < position)
      .map((step) => firstRows(step, Math.min(step.rows, position - step.position)))
    const bytes = kept.reduce((sum, step) => sum + bytesOf(step), 0)
    this.#budget.give(this.#bytes - bytes)
    this.#bytes = bytes
    this.#steps = kept
  }

  /** All steps, first one first, as `replay` wants them; `undefined` when they are no longer here. */
  replayed({ mode, quietUntil, rows }: Replay): readonly Step[] | undefined {
    if (this.#steps === undefined || mode === 'exact') return this.#steps?.slice()
    return merged(this.#steps, quietUntil, rows)
  }

  /** Lets everything go, for good. */
  clear(): void {
    this.#budget.give(this.#bytes)
    this.#bytes = 0
    this.#steps = undefined
  }
}

function bytesOf({ input }: Step): number {
  const data = input.kind === 'boundary' ? input.data : input.tokens
  return data.byteLength + overheadBytes
}

function firstRows(step: Step, rows: number): Step {
  if (rows === step.rows) return step
  const { input } = step
  const outputRows = Math.min(step.outputRows, rows)
  if (input.kind === 'tokens') {
    return { ...step, rows, outputRows, input: { ...input, tokens: input.tokens.slice(0, rows) } }
  }
  const data = input.data.slice(0, (input.data.byteLength / step.rows) * rows)
  return { ...step, rows, outputRows, input: { ...input, data } }
}

/** Joins the steps whose results nobody waits for into large ones; those after `quietUntil` stay as they are. */
function merged(steps: readonly Step[], quietUntil: number, rows: number): readonly Step[] {
  const result: Step[] = []
  let group: Step[] = []
  let groupRows = 0
  const flush = (): void => {
    const joined = joinSteps(group)
    if (joined !== undefined) result.push(joined)
    group = []
    groupRows = 0
  }
  for (const step of steps) {
    const isQuiet = step.position + step.rows <= quietUntil
    const fits = groupRows + step.rows <= rows && canJoin(group[0], step, groupRows)
    if (!isQuiet || !fits) flush()
    group.push(step)
    groupRows += step.rows
    if (!isQuiet) flush()
  }
  flush()
  return result
}

function canJoin(first: Step | undefined, step: Step, groupRows: number): boolean {
  if (first === undefined) return true
  if (first.input.kind === 'tokens' || step.input.kind === 'tokens') return true
  const bytes = ((groupRows + step.rows) / step.rows) * step.input.data.byteLength
  return first.input.dtype === step.input.dtype && bytes <= stageLimits.maxBoundaryBytes
}

function joinSteps(group: readonly Step[]): Step | undefined {
  const [first] = group
  if (first === undefined || group.length === 1) return first
  const rows = group.reduce((sum, step) => sum + step.rows, 0)
  return { ...first, rows, outputRows: 0, input: joinInputs(group, first.input) }
}

function joinInputs(group: readonly Step[], first: StepInput): StepInput {
  if (first.kind === 'tokens') {
    const tokens = group.flatMap(({ input }) => (input.kind === 'tokens' ? [...input.tokens] : []))
    return { kind: 'tokens', tokens: Int32Array.from(tokens) }
  }
  const parts = group.flatMap(({ input }) => (input.kind === 'boundary' ? [input.data] : []))
  return { ...first, data: new Uint8Array(Buffer.concat(parts)) }
}
