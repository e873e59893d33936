import { SkeinError } from '#contract/errors.ts'
import { keyToAsk, modelKeySchema, type ModelInfo } from '#contract/model.ts'

/** A model as a person and a program name it. */
export interface ChatModel {
  readonly info: ModelInfo
  /** Short, lower-case, without spaces; one model's alone. */
  readonly alias: string
}

/** Gives each model its alias: its name made short, with a piece of its key where two would be the same. */
export function nameModels(models: readonly ModelInfo[]): readonly ChatModel[] {
  const taken = new Set<string>()
  return models.map((info) => {
    const short = shorten(info.name) || 'model'
    const alias = taken.has(short) ? `${short}-${(info.adapter ?? info.key).slice(0, 8)}` : short
    taken.add(alias)
    return { info, alias }
  })
}

/** By key, alias or name. A model with an adapter on it has both keys, with a plus between. */
export function searchModels(models: readonly ChatModel[], name: string): ChatModel | undefined {
  const wanted = name.toLowerCase()
  return models.find(
    ({ info, alias }) =>
      keyToAsk(info) === wanted || alias === wanted || info.name.toLowerCase() === wanted
  )
}

/** As `searchModels`; the first model when no name is given. Throws `model-unknown`. */
export function findModel(models: readonly ChatModel[], name: string | undefined): ChatModel {
  const found = name === undefined ? models[0] : searchModels(models, name)
  if (found === undefined) throw new SkeinError('model-unknown', name)
  return found
}

/** What a model is known by: its key, and that of the adapter on it. */
export type ModelKeys = Pick<ModelInfo, 'key' | 'adapter'>

/** The keys that a name is made of; `undefined` for any other name. */
export function keysIn(name: string): ModelKeys | undefined {
  const [key, adapter] = name
    .toLowerCase()
    .split('+', 2)
    .map((part) => modelKeySchema.safeParse(part))
  if (key?.success !== true || adapter?.success === false) return undefined
  return adapter === undefined ? { key: key.data } : { key: key.data, adapter: adapter.data }
}

function shorten(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z0-9.+]+/g, '-')
    .replaceAll(/-*\+-*/g, '+')
    .replaceAll(/^[-+]+|[-+]+$/g, '')
    .slice(0, 80)
}
