import type { StageStep } from '#engine/stage-types.ts'
import { tinyShape, tinyStage } from './tiny-model.ts'

/** Heavy enough that a call of `slowRows` rows takes a minute on one thread: long enough to be hit in the middle of it. */
const slowRows = 4096
export const slowSpec = {
  ...tinyShape,
  width: 1024,
  heads: 16,
  kvHeads: 16,
  headLength: 64,
  feedForward: 4096,
  layers: 8
}
export const slowStage = {
  ...tinyStage,
  layers: slowSpec.layers,
  range: { first: 0, end: slowSpec.layers },
  contextTokens: 2 * slowRows,
  batchTokens: slowRows,
  slots: 2
}
/** A prompt that takes as long as its rows are many. */
export function slowStep(position = 0, rows = slowRows): StageStep {
  const tokens = new Int32Array(rows).fill(7)
  return { slot: 0, position, rows, outputRows: 1, topK: 1, input: { kind: 'tokens', tokens } }
}
