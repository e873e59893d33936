import type { ReasonName } from '#contract/reasons.ts'

/**
 * Of several reasons that hold at once, the first in this list is told; the others follow it. The order goes from what a person would be
 * surprised not to hear to what they would expect:
 */
export const priority: readonly ReasonName[] = [
  // What the person said. Nothing else matters while they have not agreed, or asked for a pause.
  'not-agreed',
  'paused-by-person',
  'finishing',
  // What may harm the computer, or has gone wrong: it needs somebody to look.
  'gpu-gone',
  'too-hot',
  'system-hot',
  // What the computer lives on.
  'on-battery',
  'battery-saver',
  // What the person does now: the nearest first.
  'full-screen',
  'exclusive-program',
  'in-use',
  // What their programs do.
  'gpu-wanted',
  'memory-wanted',
  'cpu-wanted',
  // What costs money, and what time it is: known in advance, so told last.
  'metered',
  'transfer-cap',
  'cost-reached',
  'price-high',
  'outside-schedule',
  // What is not known. Anything that is known explains more.
  'idle-unknown',
  'sensor-unknown',
  'metered-unknown',
  // Nothing stops it any more.
  'settling',
  'lending-in-use',
  'lending'
]

const rank: ReadonlyMap<ReasonName, number> = new Map(priority.map((name, index) => [name, index]))

/** Less than 0 when the first reason wins. */
export function byPriority(a: ReasonName, b: ReasonName): number {
  return (rank.get(a) ?? 0) - (rank.get(b) ?? 0)
}
