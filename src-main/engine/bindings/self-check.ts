import { isDeepStrictEqual } from 'node:util'
import { SkeinError } from '#contract/errors.ts'
import { contextDefaults, contextParamsStruct } from './context-params.ts'
import { modelDefaults, modelParamsStruct } from './model-params.ts'

/** What a build of llama.cpp says of itself. */
export interface BuildFacts {
  readonly version: string
  readonly modelDefaults: unknown
  readonly contextDefaults: unknown
}

/** The build whose structs the bindings describe. A layout that differs would corrupt memory without a word. */
const knownVersion = /^0\.4\.0(?:-dev)?$/
const knownSizes = { model: 80, context: 160 }

/** Asked before any struct crosses: a build of another version may return larger ones than we make room for. */
export function checkVersion(version: string | null): void {
  if (version === null || !knownVersion.test(version)) {
    throw new SkeinError('engine-build-unknown', `llama.cpp ${version ?? 'without a version'}`)
  }
}

/** Throws `engine-build-unknown` unless every default has its known value, which it only has where the layout is ours. */
export function checkBuild(facts: BuildFacts): void {
  checkVersion(facts.version)
  const checks = {
    llama_model_params: [facts.modelDefaults, modelDefaults],
    llama_context_params: [facts.contextDefaults, contextDefaults],
    sizes: [{ model: modelParamsStruct.size, context: contextParamsStruct.size }, knownSizes]
  }
  for (const [name, [found, known]] of Object.entries(checks)) {
    // Spread, since koffi's structs have a prototype of their own.
    if (!isDeepStrictEqual(Object.assign({}, found), known)) {
      throw new SkeinError(
        'engine-build-unknown',
        `${name} differ: ${inspectDifference(found, known)}`
      )
    }
  }
}

function inspectDifference(found: unknown, known: unknown): string {
  const left = new Map(Object.entries(Object.assign({}, found)))
  const right = new Map(Object.entries(Object.assign({}, known)))
  const fields = [...new Set([...left.keys(), ...right.keys()])]
  return fields
    .filter((field) => !isDeepStrictEqual(left.get(field), right.get(field)))
    .map((field) => `${field} ${String(left.get(field))} for ${String(right.get(field))}`)
    .join(', ')
}
