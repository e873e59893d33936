import { z } from 'zod'

/** What a template is rendered with. Everything is data: no function crosses into the worker. */
const templateInputSchema = z.object({
  messages: z.array(z.record(z.string(), z.unknown())).readonly(),
  addGenerationPrompt: z.boolean(),
  tools: z.array(z.unknown()).readonly().optional(),
  bosToken: z.string(),
  eosToken: z.string(),
  /** Milliseconds since 1970 that `strftime_now` tells; the present when absent. */
  now: z.number().optional()
})
export type TemplateInput = z.infer<typeof templateInputSchema>

export const templateRequestSchema = z.object({
  id: z.int(),
  template: z.string(),
  input: templateInputSchema
})
export type TemplateRequest = z.infer<typeof templateRequestSchema>

/** From the worker: `ready` once, then one answer for each request. */
export const templateReplySchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('rendered'), id: z.int(), text: z.string() }),
  z.object({ kind: z.literal('failed'), id: z.int(), reason: z.string() })
])
export type TemplateReply = z.infer<typeof templateReplySchema>
