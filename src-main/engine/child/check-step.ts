import { SkeinError } from '#contract/errors.ts'
import { stageLimits } from '#contract/stage.ts'
import type { StageInfo, StageStep } from '../stage-types.ts'

/** What a step is checked against. */
export interface StepBounds {
  readonly info: StageInfo
  /** Tokens that the step's slot holds and may hold. */
  readonly held: number
  readonly reserved: number
}

function refuse(detail: string): never {
  throw new SkeinError('boundary-invalid', detail)
}

function isCount(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= most
}

/**
 * Everything that llama.cpp would not forgive: it aborts the process on some of these. Throws `boundary-invalid`,
 * `context-full` or `invalid-input`.
 */
export function checkStep(step: StageStep, { info, held, reserved }: StepBounds): void {
  const { rows, position, input } = step
  if (!isCount(rows, info.maxRows) || rows === 0) refuse(`${rows} rows of at most ${info.maxRows}`)
  if (position !== held) refuse(`position ${position} where ${held} tokens are held`)
  if (position + rows > reserved) {
    throw new SkeinError('context-full', `${position + rows} of ${reserved} tokens`)
  }
  if (!isCount(step.outputRows, Math.min(rows, stageLimits.maxOutputRows))) {
    throw new SkeinError('invalid-input', `${step.outputRows} output rows of ${rows}`)
  }
  if (!isCount(step.topK, stageLimits.maxCandidates)) {
    throw new SkeinError('invalid-input', `${step.topK} candidates`)
  }
  if (input.kind === 'tokens') {
    if (!info.isFirst) refuse('tokens for a stage that takes boundaries')
    if (input.tokens.length !== rows) refuse(`${input.tokens.length} tokens for ${rows} rows`)
    for (const token of input.tokens) {
      if (token < 0 || token >= info.vocabularySize) refuse(`token ${token}`)
    }
  } else {
    if (info.isFirst) refuse('a boundary for a stage that takes tokens')
    if (input.data.length !== rows * info.width) {
      refuse(`${input.data.length} values for ${rows} rows of ${info.width}`)
    }
    if (!isFinite(input.data)) refuse('a value is not finite')
  }
}

/** Whether every value is a finite number: a difference with itself is 0 then, and NaN otherwise. */
export function isFinite(values: Float32Array): boolean {
  let sum = 0
  for (const value of values) sum += value - value
  return sum === 0
}
