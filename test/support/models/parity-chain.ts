import { Stage } from '#engine/child/stage.ts'
import type { StageInput, StageStep } from '#engine/stage-types.ts'
import type { LayerRange } from '#contract/model.ts'

/** Tokens of one sequence, all of which want logits. */
export interface ChainStep {
  readonly slot: number
  readonly position: number
  readonly tokens: readonly number[]
}

/** A file and the layers that it holds, with an adapter's part on them or without. */
export interface CarvedStage {
  readonly file: string
  readonly adapterFile?: string
  readonly range: LayerRange
}

/** Stages in this process, one after the other, as a chain of peers would run them. */
export class ParityChain {
  readonly #stages: readonly Stage[]

  constructor(files: readonly CarvedStage[], layers: number, slots: number) {
    const shared = { layers, slots, contextTokens: 256, batchTokens: 32, threads: 1 }
    this.#stages = files.map((carved) => Stage.load({ ...shared, ...carved, device: 'cpu' }))
  }

  openSlot(slot: number, tokens: number): void {
    for (const stage of this.#stages) stage.openSlot(tokens, slot)
  }

  rollback(slot: number, position: number): void {
    for (const stage of this.#stages) stage.rollback(slot, position)
  }

  /** One call on each stage with all steps batched. The logits of every row, in the order of the steps. */
  run(steps: readonly ChainStep[]): Float32Array[] {
    let inputs: readonly StageInput[] = steps.map(({ tokens }) => ({
      kind: 'tokens',
      tokens: Int32Array.from(tokens)
    }))
    for (const stage of this.#stages) {
      const stageSteps = steps.map((step, index) => stageStep(step, inputs[index]))
      for (const step of stageSteps) stage.check(step)
      inputs = stage
        .run(stageSteps)
        .flatMap(({ boundary }) => (boundary ? [{ kind: 'boundary', data: boundary }] : []))
    }
    const rows = steps.reduce((total, { tokens }) => total + tokens.length, 0)
    return Array.from({ length: rows }, (_, row) => this.#tail.logits(row))
  }

  close(): void {
    for (const stage of this.#stages) stage.close()
  }

  get #tail(): Stage {
    const tail = this.#stages.at(-1)
    if (tail === undefined) throw new RangeError('a chain without stages')
    return tail
  }
}

function stageStep(step: ChainStep, input: StageInput | undefined): StageStep {
  if (input === undefined) throw new RangeError('a stage gave no boundary')
  const { slot, position, tokens } = step
  const rows = tokens.length
  return { slot, position, input, rows, outputRows: rows, topK: 1 }
}
