import { Environment, Interpreter, parse, tokenize } from '@huggingface/jinja'
import { strftime } from './strftime.ts'
import type { TemplateInput } from './template-messages.ts'

const maxRangeLength = 1_000_000
/** Characters. A prompt beyond this fits no model's context. */
const maxPromptLength = 16_000_000

/**
 * Renders a Jinja chat template as the `transformers` library does. The template sees the names set here and
 * nothing else. Throws whatever the template or its syntax throws; may run for ever: call it in a worker.
 */
export function renderTemplate(template: string, input: TemplateInput): string {
  const program = parse(tokenize(template, { lstrip_blocks: true, trim_blocks: true }))
  const environment = new Environment()
  for (const [name, value] of Object.entries(names(input))) environment.set(name, value)
  const result = new Interpreter(environment).run(program)
  const prompt = String(result.value)
  if (prompt.length > maxPromptLength) throw new Error('the prompt is too long')
  return prompt
}

function names(input: TemplateInput): Readonly<Record<string, unknown>> {
  return {
    messages: input.messages,
    add_generation_prompt: input.addGenerationPrompt,
    // Templates ask whether `tools` is defined, so an absent one must not be null.
    ...(input.tools !== undefined && { tools: input.tools }),
    bos_token: input.bosToken,
    eos_token: input.eosToken,
    true: true,
    false: false,
    none: null,
    True: true,
    False: false,
    None: null,
    range,
    raise_exception: (message: unknown) => {
      throw new Error(String(message))
    },
    strftime_now: (format: unknown) =>
      strftime(input.now === undefined ? new Date() : new Date(input.now), String(format))
  }
}

/** Python's `range`. */
function range(start: number, stop?: number, step = 1): readonly number[] {
  const [first, end] = stop === undefined ? [0, start] : [start, stop]
  const length = Math.max(0, Math.ceil((end - first) / step))
  if (!(length <= maxRangeLength)) throw new Error('range is too long')
  return Array.from({ length }, (_, index) => first + index * step)
}
