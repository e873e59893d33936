import { SkeinError } from '#contract/errors.ts'
import type { StepResult } from '#contract/stage.ts'

/** What the answer to a step must look like. */
export interface Expected {
  readonly epoch: number
  /** Position after the step's last row. */
  readonly position: number
  readonly outputRows: number
  readonly topK: number
  readonly vocabularySize: number
}

interface Entry {
  readonly expected: Expected
  readonly resolve: (result: StepResult) => void
  readonly reject: (error: SkeinError) => void
}

/** Steps on their way through a chain, oldest first, with a time limit on the oldest. */
export class InFlight {
  readonly #entries: Entry[] = []
  readonly #stallMs: number
  readonly #onStall: () => void
  #timer: NodeJS.Timeout | undefined
  #isHeld = false

  constructor(stallMs: number, onStall: () => void) {
    this.#stallMs = stallMs
    this.#onStall = onStall
  }

  get size(): number {
    return this.#entries.length
  }

  /** The answer to a step that is sent now. */
  add(expected: Expected): Promise<StepResult> {
    return new Promise((resolve, reject) => {
      this.#entries.push({ expected, resolve, reject })
      if (this.#entries.length === 1) this.#watch()
    })
  }

  /** Hands a result to whoever waits. Throws `protocol-violation` unless it is the answer to the oldest step. */
  settle(result: StepResult): void {
    const entry = this.#entries[0]
    if (entry === undefined)
      throw new SkeinError('protocol-violation', 'a result that nobody asked for')
    checkResult(result, entry.expected)
    this.#entries.shift()
    if (this.#entries.length === 0) clearTimeout(this.#timer)
    else if (!this.#isHeld) this.#timer?.refresh()
    entry.resolve(result)
  }

  /** The chain is being healed: nothing can come. */
  hold(): void {
    this.#isHeld = true
    clearTimeout(this.#timer)
  }

  /** The chain is whole again. */
  release(): void {
    this.#isHeld = false
    if (this.#entries.length > 0) this.#watch()
  }

  failAll(error: SkeinError): void {
    clearTimeout(this.#timer)
    for (const entry of this.#entries.splice(0)) entry.reject(error)
  }

  #watch(): void {
    clearTimeout(this.#timer)
    if (this.#isHeld) return
    this.#timer = setTimeout(this.#onStall, this.#stallMs)
  }
}

function checkResult(result: StepResult, expected: Expected): void {
  const { epoch, position, outputRows, topK, vocabularySize } = expected
  const fits =
    result.epoch === epoch &&
    result.position === position &&
    // How many stages it went through may have changed on its way.
    result.hopBytes.length === result.timings.length - 1 &&
    result.candidates.length === outputRows &&
    result.candidates.every(
      ({ tokens }) => tokens.length <= topK && tokens.every((token) => token < vocabularySize)
    )
  if (!fits) throw new SkeinError('protocol-violation', 'a result that does not fit its step')
}
