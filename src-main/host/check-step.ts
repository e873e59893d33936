import { SkeinError } from '#contract/errors.ts'
import { stageLimits, type Step } from '#contract/stage.ts'
import type { StageInput } from '#engine/stage-types.ts'
import { fromWire } from './boundary-values.ts'

/** What a step is checked against. */
export interface StepBounds {
  readonly isFirst: boolean
  readonly width: number
  readonly vocabularySize: number
  readonly maxTokens: number
}

/**
 * Checks what a step holds and gives it as the engine takes it. Throws `boundary-invalid` for a wrong kind, size or value,
 * `context-full` for a step beyond the session's end.
 */
export function checkStep(step: Step, bounds: StepBounds): StageInput {
  if (step.rows < 1 || step.rows > stageLimits.maxRowsPerStep) throw invalid(`${step.rows} rows`)
  if (step.outputRows > step.rows || step.outputRows > stageLimits.maxOutputRows) {
    throw invalid(`${step.outputRows} output rows of ${step.rows}`)
  }
  if (step.outputRows > 0 && (step.topK < 1 || step.topK > stageLimits.maxCandidates)) {
    throw invalid(`${step.topK} candidates`)
  }
  if (step.position + step.rows > bounds.maxTokens) throw new SkeinError('context-full')
  return bounds.isFirst ? checkTokens(step, bounds) : checkBoundary(step, bounds)
}

function checkTokens({ input, rows }: Step, { vocabularySize }: StepBounds): StageInput {
  if (input.kind !== 'tokens') throw invalid('a boundary for the first stage')
  if (input.tokens.length !== rows) throw invalid(`${input.tokens.length} tokens in ${rows} rows`)
  if (input.tokens.some((token) => token < 0 || token >= vocabularySize)) {
    throw invalid('a token outside the vocabulary')
  }
  return input
}

function checkBoundary({ input, rows }: Step, { width }: StepBounds): StageInput {
  if (input.kind !== 'boundary') throw invalid('tokens for a later stage')
  return { kind: 'boundary', data: fromWire(input.dtype, input.data, rows * width) }
}

function invalid(detail: string): SkeinError {
  return new SkeinError('boundary-invalid', detail)
}
