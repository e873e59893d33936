import type { SkeinError } from '#contract/errors.ts'
import type { LayerRange } from '#contract/model.ts'
import type { StepResult } from '#contract/stage.ts'
import type { HealedRun } from './healer.ts'
import type { TroubledRun } from './troubled-run.ts'

/** One step's answer, and how long it took from end to end. */
export interface StepOutcome {
  readonly result: StepResult
  readonly millis: number
}

/** What happens to a chain while a session runs through it. */
export type ChainNews =
  | { readonly kind: 'healing'; readonly run: TroubledRun }
  | { readonly kind: 'healed'; readonly healed: HealedRun; readonly replayedTokens: number }
  | { readonly kind: 'waiting'; readonly range: LayerRange; readonly error: SkeinError }
  | { readonly kind: 'gave-up'; readonly error: SkeinError }
