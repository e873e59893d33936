import { existsSync } from 'node:fs'
import { SkeinError } from '#contract/errors.ts'
import type { StoredModel } from '#contract/weights.ts'
import { homeAt } from '#settings/home.ts'
import { WeightsStore } from '#weights/weights-store.ts'
import type { CommandIo } from './command-io.ts'

/** Letters of a key that a person must give at least. */
const leastKeyLength = 6

/** Opens the weights store of the data folder for one command. Throws what opening it and `use` throw. */
export async function withStore<Result>(
  io: CommandIo,
  use: (store: WeightsStore) => Promise<Result>
): Promise<Result> {
  const store = await WeightsStore.open(homeAt(io.homeFolder).weightsFolder)
  try {
    return await use(store)
  } finally {
    await store.close()
  }
}

/** The models in the store; none where there is no store yet, or where another process has it now. */
export async function storedModels(io: CommandIo): Promise<readonly StoredModel[]> {
  if (!existsSync(homeAt(io.homeFolder).weightsFolder)) return []
  try {
    return await withStore(io, (store) => store.models())
  } catch (thrown) {
    if (thrown instanceof SkeinError && thrown.code === 'weights-in-use') return []
    throw thrown
  }
}

/** The one model that a key, the beginning of a key, or a file name stands for. Throws `model-not-here` or `invalid-input`. */
export function findModel(models: readonly StoredModel[], asked: string): StoredModel {
  const isKey = asked.length >= leastKeyLength
  const matches = models.filter(
    ({ info, fileName }) =>
      fileName === asked || (isKey && info.key.startsWith(asked.toLowerCase()))
  )
  const [match] = matches
  if (match === undefined) throw new SkeinError('model-not-here', asked)
  if (matches.length > 1)
    throw new SkeinError('invalid-input', `${asked} stands for several models`)
  return match
}
