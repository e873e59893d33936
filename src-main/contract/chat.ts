import { z } from 'zod'
import { errorCodeSchema, errorValueSchema } from './errors.ts'
import { layerRangeSchema, modelKeySchema } from './model.ts'
import { peerKeySchema, sessionIdSchema } from './peer.ts'
import { replayModes, wireDtypes } from './stage.ts'

const chatMessageSchema = z.object({
  role: z.enum(['system', 'user', 'assistant', 'tool']),
  content: z.string().max(4_000_000)
})
export type ChatMessage = Readonly<z.infer<typeof chatMessageSchema>>

/** How the coordinator picks tokens. The names and ranges are llama.cpp's; defaults leave the model as it is. */
const samplingSchema = z.object({
  /** 0 picks the best token always. */
  temperature: z.number().min(0).max(5).default(0.8),
  /** Best candidates kept; 0 keeps all that the tail returned. */
  topK: z.int().min(0).max(256).default(40),
  topP: z.number().min(0).max(1).default(0.95),
  minP: z.number().min(0).max(1).default(0.05),
  /** Same seed, same prompt, same chain: same answer. Drawn at random when absent. */
  seed: z.int().min(0).max(0xffff_ffff).optional(),
  /** 1 is off. */
  repeatPenalty: z.number().min(0.01).max(10).default(1),
  presencePenalty: z.number().min(-2).max(2).default(0),
  frequencyPenalty: z.number().min(-2).max(2).default(0),
  /** Last tokens that the penalties look at. */
  penaltyLastTokens: z.int().min(0).max(4096).default(64)
})
export type Sampling = Readonly<z.infer<typeof samplingSchema>>

const promptSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('chat'), messages: z.array(chatMessageSchema).min(1).max(10_000) }),
  z.object({ kind: z.literal('text'), text: z.string().max(4_000_000) }),
  /** Goes on with an answer that was interrupted, with its own model and sampling: `resume` of its end. */
  z.object({ kind: z.literal('resume'), answer: sessionIdSchema })
])

export const generateRequestSchema = z.object({
  /** A model's key or its alias, such as `base` or `base+adapter`; the default model when absent. */
  model: z.string().max(200).optional(),
  prompt: promptSchema,
  sampling: samplingSchema.prefault({}),
  /** Tokens to answer at most; until the context is full when absent. */
  maxTokens: z.int().min(1).max(1_000_000).optional(),
  stop: z.array(z.string().min(1).max(1000)).max(16).default([]),
  /** Most likely alternatives reported with each token; absent: no log-probabilities. */
  topLogprobs: z.int().min(0).max(20).optional(),
  dtype: z.enum(wireDtypes).default('float16'),
  /** How a stage that takes the place of one that failed is filled. */
  replay: z.enum(replayModes).default('exact'),
  /**
   * How long the answer waits for layers that nobody serves any more, in milliseconds, before it ends as interrupted: long enough to load
   * a stage from disk.
   */
  waitMillis: z.int().min(0).max(3_600_000).default(60_000)
})
export type GenerateInput = z.input<typeof generateRequestSchema>
export type GenerateRequest = Readonly<z.infer<typeof generateRequestSchema>>

/** One stage of the chain that serves an answer. */
const routeStageSchema = z.object({
  peer: peerKeySchema,
  range: layerRangeSchema,
  isLocal: z.boolean(),
  /** Median of several samples; absent for the local peer. */
  roundTripMillis: z.number().nonnegative().optional()
})
export type RouteStage = Readonly<z.infer<typeof routeStageSchema>>

const tokenLogprobSchema = z.object({
  token: z.int(),
  text: z.string(),
  bytes: z.array(z.int()),
  logprob: z.number()
})
export type TokenLogprob = Readonly<z.infer<typeof tokenLogprobSchema>>
const generatedTokenSchema = tokenLogprobSchema.extend({ top: z.array(tokenLogprobSchema) })
export type GeneratedToken = Readonly<z.infer<typeof generatedTokenSchema>>

/**
 * `stop`: the model ended its answer, or a stop string came. `length`: the token limit or the context is reached.
 * `cancelled`: the person stopped it. `interrupted`: it could not be finished; the event carries why.
 */
const finishReasons = ['stop', 'length', 'cancelled', 'interrupted'] as const
export type FinishReason = (typeof finishReasons)[number]

/** Where an answer's time went, in milliseconds: added up over its steps. */
const timeSplitSchema = z.object({
  /** Per stage, in chain order. */
  computeMillis: z.array(z.number()),
  waitMillis: z.array(z.number()),
  /** What neither stage nor coordinator accounts for: the wire and the processes between. */
  wireMillis: z.number()
})

/** Layers that other peers took over while the answer ran. */
const healSchema = z.object({
  range: layerRangeSchema,
  from: z.array(peerKeySchema),
  to: z.array(peerKeySchema),
  why: errorCodeSchema,
  /** Tokens that the new stages were filled with. */
  replayedTokens: z.int().nonnegative(),
  /** How long the answer stood still: from the step that was on its way to its result. 0 where none came any more. */
  pauseMillis: z.number().nonnegative()
})
export type Heal = Readonly<z.infer<typeof healSchema>>

const answerReportSchema = z.object({
  session: sessionIdSchema,
  model: modelKeySchema,
  /** The adapter that was on the model. */
  adapter: modelKeySchema.exactOptional(),
  /** At its end. */
  route: z.array(routeStageSchema),
  heals: z.array(healSchema),
  promptTokens: z.int().nonnegative(),
  answerTokens: z.int().nonnegative(),
  prefillTokensPerSecond: z.number().nonnegative(),
  decodeTokensPerSecond: z.number().nonnegative(),
  firstTokenMillis: z.number().nonnegative(),
  /** Boundary bytes per token on each hop while decoding. */
  bytesPerTokenPerHop: z.array(z.number().nonnegative()),
  prefillTime: timeSplitSchema,
  decodeTime: timeSplitSchema,
  seed: z.int().nonnegative()
})
export type AnswerReport = Readonly<z.infer<typeof answerReportSchema>>

export const generateEventSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('route'), route: z.array(routeStageSchema), promptTokens: z.int() }),
  z.object({ kind: z.literal('prefill'), done: z.int(), total: z.int() }),
  /** `text` holds whole characters only; a token that ends inside one waits for the next. */
  z.object({ kind: z.literal('text'), text: z.string(), tokens: z.array(generatedTokenSchema) }),
  /** These layers are lost or about to be; another peer takes over. */
  z.object({ kind: z.literal('healing'), range: layerRangeSchema, why: errorCodeSchema }),
  /** Nobody serves these layers; for so long the answer waits for somebody who does. */
  z.object({
    kind: z.literal('waiting'),
    range: layerRangeSchema,
    why: errorCodeSchema,
    forMillis: z.number().nonnegative()
  }),
  /** The answer goes on, through this chain. */
  z.object({ kind: z.literal('healed'), route: z.array(routeStageSchema) }),
  z.object({
    kind: z.literal('end'),
    finish: z.enum(finishReasons),
    report: answerReportSchema,
    /** Present when `finish` is `interrupted`. */
    error: errorValueSchema.optional(),
    /** With this, `resume` goes on where an interrupted answer stopped. */
    resume: sessionIdSchema.optional()
  })
])
export type GenerateEvent = Readonly<z.infer<typeof generateEventSchema>>
