import { existsSync } from 'node:fs'
import path from 'node:path'
import { nameModels, searchModels } from '#chat/chat-model.ts'
import { SkeinError } from '#contract/errors.ts'
import { modelKeySchema, type LayerRange, type ModelInfo } from '#contract/model.ts'
import type { TransferTask } from '#contract/transfers.ts'
import type { StoredModel } from '#contract/weights.ts'
import { isAddress } from '#weights/download/model-address.ts'
import { searchStored } from './find-stored.ts'

/** What a person means by a model's name: one that is known here, or what would bring it here. */
export type ChosenModel = { readonly info: ModelInfo } | { readonly task: TransferTask }

/**
 * By alias, name, key, the beginning of a key, or file name; else a whole key, the path of a file, or an address. Throws `model-unknown`,
 * or `invalid-input` where a name stands for several.
 */
export function chooseModel(
  infos: readonly ModelInfo[],
  stored: readonly StoredModel[],
  asked: string,
  range: LayerRange | undefined
): ChosenModel {
  const known = searchModels(nameModels(infos), asked) ?? searchStored(stored, asked)
  if (known !== undefined) return { info: known.info }
  const key = modelKeySchema.safeParse(asked.toLowerCase())
  if (key.success) {
    return { task: { kind: 'fetch', model: key.data, ...(range === undefined ? {} : { range }) } }
  }
  if (isAddress(asked)) return { task: { kind: 'add', source: asked } }
  const file = path.resolve(asked)
  if (existsSync(file)) return { task: { kind: 'add', source: file } }
  throw new SkeinError('model-unknown', asked)
}
