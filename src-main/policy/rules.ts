import type { Rule } from './known.ts'
import { budgetRules } from './rules/budget-rules.ts'
import { deviceRules } from './rules/device-rules.ts'
import { personRules } from './rules/person-rules.ts'
import { powerRules } from './rules/power-rules.ts'
import { programRules } from './rules/program-rules.ts'
import { sensorRule } from './rules/sensor-rules.ts'

/** All that may stop lending. Their order is without meaning: which is told is `priority.ts`. */
export const rules: readonly Rule[] = [
  ...personRules,
  ...deviceRules,
  ...powerRules,
  ...programRules,
  ...budgetRules,
  sensorRule
]
