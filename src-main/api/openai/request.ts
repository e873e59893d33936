import { z } from 'zod'
import { generateRequestSchema, type GenerateInput, type GenerateRequest } from '#contract/chat.ts'
import { ParameterError, takeSupported } from './parameters.ts'

/** What both ways of asking share. The ranges are checked by `generateRequestSchema`. */
const commonShape = {
  model: z.string().max(200).optional(),
  stream: z.boolean().default(false),
  stream_options: z.object({ include_usage: z.boolean().default(false) }).optional(),
  max_tokens: z.int().min(1).optional(),
  stop: z.union([z.string(), z.array(z.string())]).optional(),
  temperature: z.number().optional(),
  top_p: z.number().optional(),
  top_k: z.number().optional(),
  min_p: z.number().optional(),
  seed: z.int().optional(),
  frequency_penalty: z.number().optional(),
  presence_penalty: z.number().optional(),
  repeat_penalty: z.number().optional(),
  repetition_penalty: z.number().optional()
}

const textPartsSchema = z
  .array(z.object({ type: z.literal('text', 'only text can be read'), text: z.string() }))
  .transform((parts) => parts.map((part) => part.text).join(''))

const messageSchema = z.object({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
  content: z.union([z.string(), textPartsSchema])
})

const chatSchema = z.object({
  ...commonShape,
  messages: z.array(messageSchema).min(1),
  max_completion_tokens: z.int().min(1).optional(),
  logprobs: z.boolean().default(false),
  top_logprobs: z.int().min(0).max(20).optional()
})

const completionSchema = z.object({
  ...commonShape,
  prompt: z.union([z.string(), z.tuple([z.string()]).transform(([text]) => text)], 'one text'),
  logprobs: z.int().min(0).max(20).optional()
})

const chatParameters = new Set(Object.keys(chatSchema.shape))
const completionParameters = new Set(Object.keys(completionSchema.shape))

/** A request in our words, and how its answer is to be sent. */
export interface ApiRequest {
  readonly generate: GenerateRequest
  readonly stream: boolean
  readonly includeUsage: boolean
}

/** Throws `ParameterError`: `parameter-unsupported` or `invalid-input`. */
export function readChatRequest(body: unknown): ApiRequest {
  const asked = read(chatSchema, body, chatParameters)
  const messages = asked.messages.map(({ role, content }) => ({
    // OpenAI's newer name for the same thing.
    role: role === 'developer' ? ('system' as const) : role,
    content
  }))
  return toApiRequest(asked, {
    prompt: { kind: 'chat', messages },
    maxTokens: asked.max_completion_tokens ?? asked.max_tokens,
    topLogprobs: asked.logprobs ? (asked.top_logprobs ?? 0) : undefined
  })
}

/** Throws `ParameterError`: `parameter-unsupported` or `invalid-input`. */
export function readCompletionRequest(body: unknown): ApiRequest {
  const asked = read(completionSchema, body, completionParameters)
  return toApiRequest(asked, {
    prompt: { kind: 'text', text: asked.prompt },
    // OpenAI's default for this, the older way of asking.
    maxTokens: asked.max_tokens ?? 16,
    topLogprobs: asked.logprobs
  })
}

type Common = z.output<z.ZodObject<typeof commonShape>>

interface OwnWords {
  readonly prompt: GenerateInput['prompt']
  readonly maxTokens: number | undefined
  readonly topLogprobs: number | undefined
}

function toApiRequest(asked: Common, own: OwnWords): ApiRequest {
  const input = {
    model: asked.model,
    ...own,
    stop: typeof asked.stop === 'string' ? [asked.stop] : asked.stop,
    sampling: {
      temperature: asked.temperature,
      topK: asked.top_k,
      topP: asked.top_p,
      minP: asked.min_p,
      seed: asked.seed,
      repeatPenalty: asked.repetition_penalty ?? asked.repeat_penalty,
      presencePenalty: asked.presence_penalty,
      frequencyPenalty: asked.frequency_penalty
    }
  }
  return {
    generate: parse(generateRequestSchema, input, apiNames),
    stream: asked.stream,
    includeUsage: asked.stream_options?.include_usage ?? false
  }
}

/** Our names for parameters back to OpenAI's, for the error that names the one at fault. */
const apiNames: Readonly<Record<string, string>> = {
  maxTokens: 'max_tokens',
  topLogprobs: 'top_logprobs',
  topK: 'top_k',
  topP: 'top_p',
  minP: 'min_p',
  repeatPenalty: 'repetition_penalty',
  presencePenalty: 'presence_penalty',
  frequencyPenalty: 'frequency_penalty'
}

function read<Schema extends z.ZodType>(
  schema: Schema,
  body: unknown,
  supported: ReadonlySet<string>
): z.output<Schema> {
  const parameters = parse(z.record(z.string(), z.unknown(), 'a JSON object'), body)
  return parse(schema, takeSupported(parameters, supported))
}

function parse<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  names: Readonly<Record<string, string>> = {}
): z.output<Schema> {
  const result = z.safeParse(schema, value)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const path = (issue?.path ?? []).map(String).filter((part) => part !== 'sampling')
  const param = path.map((part) => names[part] ?? part).join('.')
  throw new ParameterError('invalid-input', param === '' ? 'body' : param, issue?.message)
}
