import { z } from 'zod'
import { errorValueSchema } from '#contract/errors.ts'
import { layerRangeSchema } from '#contract/model.ts'
import { deviceChoices } from './stage-types.ts'

/**
 * What crosses the edge of an engine process. Both ends parse what comes in; arrays of numbers travel as typed arrays,
 * which structured clone copies as bytes.
 */
const count = z.int().min(0)
const float32 = z.custom<Float32Array>((value) => value instanceof Float32Array)
const int32 = z.custom<Int32Array>((value) => value instanceof Int32Array)
const uint32 = z.custom<Uint32Array>((value) => value instanceof Uint32Array)
const uint8 = z.custom<Uint8Array>((value) => value instanceof Uint8Array)

const stageConfigSchema = z.object({
  file: z.string(),
  range: layerRangeSchema,
  layers: count,
  contextTokens: count,
  slots: count,
  batchTokens: count,
  threads: count,
  gpuLayers: count.exactOptional(),
  device: z.enum(deviceChoices),
  adapterFile: z.string().exactOptional(),
  coresFolder: z.string().exactOptional()
})

const stageStepSchema = z.object({
  slot: count,
  position: count,
  input: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('tokens'), tokens: int32 }),
    z.object({ kind: z.literal('boundary'), data: float32 })
  ]),
  rows: count,
  outputRows: count,
  topK: count
})

const stop = z.object({ type: z.literal('stop') })

/** The first message to an engine process: what it is to be. */
export const startSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('start-stage'), config: stageConfigSchema }),
  z.object({ type: z.literal('start-vocabulary'), file: z.string() })
])
export type StartMessage = z.infer<typeof startSchema>

export const toStageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('open'), slot: count, tokens: count }),
  z.object({ type: z.literal('step'), id: count, step: stageStepSchema }),
  z.object({ type: z.literal('cancel'), id: count }),
  z.object({ type: z.literal('rollback'), slot: count, position: count }),
  z.object({ type: z.literal('close'), slot: count }),
  /** Share of the time that may be spent computing. */
  z.object({ type: z.literal('share'), share: z.number().min(0).max(1) }),
  stop
])
export type ToStage = z.infer<typeof toStageSchema>

export const toVocabularySchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('tokenize'),
    id: count,
    text: z.string(),
    addSpecial: z.boolean(),
    parseSpecial: z.boolean()
  }),
  stop
])
export type ToVocabulary = z.infer<typeof toVocabularySchema>

const stageInfoSchema = z.object({
  memory: z.object({ weightBytes: count, cacheBytes: count, computeBytes: count }),
  device: z.string(),
  width: count,
  vocabularySize: count,
  maxRows: count,
  isFirst: z.boolean(),
  isTail: z.boolean()
})

const candidatesSchema = z.object({ tokens: int32, logits: float32, logSumExp: z.number() })

const stepOutputSchema = z.object({
  boundary: float32.exactOptional(),
  candidates: z.array(candidatesSchema).exactOptional(),
  computeMicros: z.number()
})

const stageSpeedSchema = z.object({
  microsPerLayer: z.number().exactOptional(),
  prefillTokensPerSecond: z.number().exactOptional()
})

/** A vocabulary as the engine process hands it over, once. */
const vocabularyTableSchema = z.object({
  bos: count.exactOptional(),
  eos: count.exactOptional(),
  eot: count.exactOptional(),
  offsets: uint32,
  bytes: uint8,
  /** Tokens without a piece, and how the vocabulary spells them. */
  controlTokens: int32,
  controlTexts: z.array(z.string()),
  endTokens: int32,
  chatTemplate: z.string().exactOptional()
})
export type VocabularyTable = z.infer<typeof vocabularyTableSchema>

/** From the engine process. `failed` means that it could not start; it exits by itself then. */
export const fromEngineSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('stage-ready'), info: stageInfoSchema }),
  z.object({ type: z.literal('vocabulary-ready'), table: vocabularyTableSchema }),
  z.object({ type: z.literal('failed'), error: errorValueSchema }),
  z.object({
    type: z.literal('output'),
    id: count,
    output: stepOutputSchema,
    speed: stageSpeedSchema
  }),
  z.object({ type: z.literal('tokens'), id: count, tokens: int32 }),
  z.object({ type: z.literal('error'), id: count, error: errorValueSchema })
])
export type FromEngine = z.infer<typeof fromEngineSchema>
