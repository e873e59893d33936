import { z } from 'zod'
import { adapterErrors } from './errors/adapter.ts'
import { apiErrors } from './errors/api.ts'
import { engineErrors } from './errors/engine.ts'
import { modelErrors } from './errors/model.ts'
import { nodeErrors } from './errors/node.ts'
import { sessionErrors } from './errors/session.ts'
import { swarmErrors } from './errors/swarm.ts'
import { weightsErrors } from './errors/weights.ts'

/** What a person is told: what happened, in one sentence, and what they can do about it. */
export interface ErrorText {
  readonly sentence: string
  readonly remedy: string
}

/** Every error that Skein can show. A code is stable: scripts and tests may rely on it. */
export const errorTexts = {
  ...modelErrors,
  ...adapterErrors,
  ...weightsErrors,
  ...engineErrors,
  ...swarmErrors,
  ...sessionErrors,
  ...apiErrors,
  ...nodeErrors
} as const satisfies Record<string, ErrorText>

export type ErrorCode = keyof typeof errorTexts

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorTexts, code)
}

export const errorCodeSchema = z.string().refine(isErrorCode, 'unknown error code')

/** An error as it crosses an edge: process, peer, IPC, HTTP. `detail` is for logs and experts, never the only text. */
export const errorValueSchema = z.object({
  code: errorCodeSchema,
  sentence: z.string().max(1000),
  remedy: z.string().max(1000),
  detail: z.string().max(2000).optional()
})

export type ErrorValue = z.infer<typeof errorValueSchema>

/** The one error class of Skein: a code whose text stands in the catalogue, and a detail for whoever looks closer. */
export class SkeinError extends Error {
  readonly code: ErrorCode
  readonly detail: string | undefined

  constructor(code: ErrorCode, detail?: string, options?: ErrorOptions) {
    super(detail === undefined ? code : `${code}: ${detail}`, options)
    this.name = 'SkeinError'
    this.code = code
    this.detail = detail
  }

  toValue(): ErrorValue {
    const value = { code: this.code, ...errorTexts[this.code] }
    return this.detail === undefined ? value : { ...value, detail: this.detail.slice(0, 2000) }
  }

  static fromValue(value: ErrorValue): SkeinError {
    return new SkeinError(value.code, value.detail)
  }

  /** Wraps whatever was thrown; an error that is not ours keeps its message as detail under `code`. */
  static from(thrown: unknown, code: ErrorCode = 'internal'): SkeinError {
    if (thrown instanceof SkeinError) return thrown
    const detail = thrown instanceof Error ? thrown.message : String(thrown)
    return new SkeinError(code, detail, { cause: thrown })
  }
}
