import { SkeinError } from '#contract/errors.ts'

/**
 * What OpenAI's API has and Skein has not. A parameter that would change the answer is refused unless its value asks for
 * nothing; one that changes nothing is let through. Anything not listed anywhere is refused too: an answer that silently
 * left out what was asked for would be a lie.
 */
const neutralValues: Readonly<Record<string, readonly unknown[]>> = {
  n: [1],
  best_of: [1],
  echo: [false],
  suffix: [''],
  tools: [[]],
  functions: [[]],
  tool_choice: ['none', 'auto'],
  function_call: ['none', 'auto'],
  response_format: [{ type: 'text' }],
  logit_bias: [{}],
  modalities: [['text']],
  reasoning_effort: ['none'],
  verbosity: ['medium']
}

const harmless = new Set([
  'user',
  'metadata',
  'store',
  'service_tier',
  'parallel_tool_calls',
  'prediction',
  'prompt_cache_key',
  'prompt_cache_retention',
  'safety_identifier'
])

/** The parameter of a request that cannot be served, and the error for it. */
export class ParameterError extends SkeinError {
  readonly param: string

  constructor(code: 'parameter-unsupported' | 'invalid-input', param: string, reason?: string) {
    super(code, reason === undefined ? param : `${param}: ${reason}`)
    this.param = param
  }
}

/**
 * Leaves what `supported` names, without nulls: OpenAI's clients send null for "not set". Throws `ParameterError` for
 * anything that Skein would have to ignore.
 */
export function takeSupported(
  body: Readonly<Record<string, unknown>>,
  supported: ReadonlySet<string>
): Record<string, unknown> {
  const taken: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(body)) {
    if (value === null || harmless.has(name) || isNeutral(name, value)) continue
    if (!supported.has(name)) throw new ParameterError('parameter-unsupported', name, advice[name])
    taken[name] = value
  }
  return taken
}

const advice: Readonly<Record<string, string>> = {
  n: 'one answer per request; send the request again for another',
  best_of: 'one answer per request'
}

function isNeutral(name: string, value: unknown): boolean {
  const text = JSON.stringify(value)
  return neutralValues[name]?.some((neutral) => JSON.stringify(neutral) === text) ?? false
}
