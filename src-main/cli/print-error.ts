import type { SkeinError } from '#contract/errors.ts'

/** To standard error: what happened and what can be done; as JSON, the error as everywhere else. */
export function printError(error: SkeinError, json: boolean): void {
  const value = error.toValue()
  if (json) {
    console.error(JSON.stringify({ error: value }))
    return
  }
  console.error(value.sentence)
  if (value.detail !== undefined) console.error(`  ${value.detail}`)
  console.error(value.remedy)
}
