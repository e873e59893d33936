import { z } from 'zod'
import { generateEventSchema, generateRequestSchema } from './chat.ts'
import { errorValueSchema } from './errors.ts'
import { layerRangeSchema } from './model.ts'
import { askedModelSchema, modelProcedures } from './models-control.ts'
import { settingNameSchema, settingsSchema } from './settings.ts'
import { hostedStageSchema, statusSchema } from './status.ts'
import { transferSchema } from './transfers.ts'

/**
 * Everything a window may ask of the node. The same procedures travel over Electron's IPC and over the loopback
 * WebSocket; both ends validate with the schemas here, once, at the edge.
 */
const procedures = {
  'status.get': { kind: 'call', input: z.object({}), output: statusSchema },
  /** The present status at once, then each change. */
  'status.watch': { kind: 'stream', input: z.object({}), output: statusSchema },
  'settings.get': { kind: 'call', input: z.object({}), output: settingsSchema },
  /** Throws `invalid-input` when the setting does not take the value. */
  'settings.set': {
    kind: 'call',
    input: z.object({
      name: settingNameSchema,
      value: z.union([z.boolean(), z.number(), z.string()])
    }),
    output: settingsSchema
  },
  'chat.generate': { kind: 'stream', input: generateRequestSchema, output: generateEventSchema },
  ...modelProcedures,
  /**
   * Makes this computer host layers of a model, all when absent: fetches what is missing, loads it, serves it. `model` is a name, a key, or
   * the whole path of a file. Resolves when it has begun: with the stage, or, as long as nothing but its key is known of the model, with
   * what brings it here. The status tells how it goes. Throws `model-unknown`, `range-not-allowed`, `no-network`.
   */
  'stages.host': {
    kind: 'call',
    input: z.object({ model: askedModelSchema, range: layerRangeSchema.optional() }),
    output: z.object({
      stage: hostedStageSchema.exactOptional(),
      transfer: transferSchema.exactOptional()
    })
  },
  /** Gives layers up, all ranges of the model when absent; sessions at work end first. */
  'stages.release': {
    kind: 'call',
    input: z.object({ model: askedModelSchema, range: layerRangeSchema.optional() }),
    output: z.object({ released: z.int().nonnegative() })
  }
} as const

type Procedures = typeof procedures
export type ProcedureName = keyof Procedures
type NamesOf<Kind> = {
  [Name in ProcedureName]: Procedures[Name]['kind'] extends Kind ? Name : never
}[ProcedureName]
export type CallName = NamesOf<'call'>
export type StreamName = NamesOf<'stream'>
/** What a caller may pass: defaults left out. */
export type InputOf<Name extends ProcedureName> = z.input<Procedures[Name]['input']>
/** What a handler receives: defaults filled in. */
export type ParsedInputOf<Name extends ProcedureName> = z.output<Procedures[Name]['input']>
export type OutputOf<Name extends ProcedureName> = z.output<Procedures[Name]['output']>

type SchemasByName = {
  readonly [Name in ProcedureName]: {
    readonly input: z.ZodType<ParsedInputOf<Name>>
    readonly output: z.ZodType<OutputOf<Name>>
  }
}
/** The same table, typed so that a generic name keeps its input and output together. */
export const procedureSchemas: SchemasByName = procedures

export function isCallName(name: string): name is CallName {
  return isProcedureName(name) && procedures[name].kind === 'call'
}

export function isStreamName(name: string): name is StreamName {
  return isProcedureName(name) && procedures[name].kind === 'stream'
}

function isProcedureName(name: string): name is ProcedureName {
  return Object.hasOwn(procedures, name)
}

/** A node as its windows see it. */
export interface ControlApi {
  call<Name extends CallName>(
    name: Name,
    input: ParsedInputOf<Name>,
    signal: AbortSignal
  ): Promise<OutputOf<Name>>
  /** Ends early, and stops the work behind it, when `signal` aborts or the reader returns. */
  stream<Name extends StreamName>(
    name: Name,
    input: ParsedInputOf<Name>,
    signal: AbortSignal
  ): AsyncIterable<OutputOf<Name>>
}

const id = z.int().min(0).max(Number.MAX_SAFE_INTEGER)

/** Items that a reader lets a stream send before it has handled any: the back-pressure of a stream. */
export const streamCredit = 64

/** Window to node. A stream may send one item per credit. */
export const requestFrameSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('call'), id, procedure: z.string().max(100), input: z.unknown() }),
  z.object({ type: z.literal('credit'), id, count: z.int().min(1).max(10_000) }),
  z.object({ type: z.literal('cancel'), id })
])
export type RequestFrame = z.infer<typeof requestFrameSchema>

/** Node to window. A call ends with its one `item`; a stream with `end`; both may end with `error`. */
export const responseFrameSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('item'), id, value: z.unknown() }),
  z.object({ type: z.literal('end'), id }),
  z.object({ type: z.literal('error'), id, error: errorValueSchema })
])
export type ResponseFrame = z.infer<typeof responseFrameSchema>
