import { nameModels, searchModels } from '#chat/chat-model.ts'
import { SkeinError } from '#contract/errors.ts'
import type { ModelKey } from '#contract/model.ts'
import type { TransferTask } from '#contract/transfers.ts'
import type { CallHandlers, StreamHandlers } from '#api/control/control-handlers.ts'
import { findStored } from './find-stored.ts'
import { removeStored } from './remove-stored.ts'
import type { StoreAccess } from './store-access.ts'
import type { Transfers } from './transfers.ts'
import { verifyStored } from './verify-stored.ts'

type ModelName<Name> = Name extends `models.${string}` | `transfers.${string}` ? Name : never
export type ModelCalls = Pick<CallHandlers, ModelName<keyof CallHandlers>>
export type ModelStreams = Pick<StreamHandlers, ModelName<keyof StreamHandlers>>

export interface ModelParts {
  readonly access: StoreAccess
  readonly transfers: Transfers
  /** Whether there may be anybody to fetch from. */
  readonly isNetworked: boolean
  /** The models in the store, or what is told of them, changed. */
  readonly onModel?: () => Promise<void>
  /** A model was removed: what else was kept of it may go. */
  readonly onRemoved?: (key: ModelKey) => Promise<void>
}

/** What may be done with the models that this computer keeps: the same with a running node and without. */
export function createModelHandlers(parts: ModelParts): {
  readonly calls: ModelCalls
  readonly streams: ModelStreams
} {
  const { access, transfers, isNetworked } = parts
  /** What is on its way is known once the store is open. */
  const opened = async <Result>(ask: () => Promise<Result>): Promise<Result> => {
    await access.require()
    return ask()
  }
  const changed = async <Result>(result: Result): Promise<Result> => {
    await parts.onModel?.()
    return result
  }
  const calls: ModelCalls = {
    'models.list': async () => (await access.require()).files(),
    'models.show': async ({ model }) => findStored(await (await access.require()).files(), model),
    'models.add': async ({ source, base, endpoint, token }) => {
      const task: TransferTask = {
        kind: 'add',
        source,
        ...(await baseOf(access, base)),
        ...(endpoint === undefined ? {} : { endpoint })
      }
      return transfers.start(task, token)
    },
    'models.fetch': async ({ model, range, base }) => {
      const known = await (await access.require()).files()
      const isHere = known.some(({ info }) => info.key === model)
      if (!isNetworked && !isHere) throw new SkeinError('no-network')
      const part = range === undefined ? {} : { range }
      return transfers.start({ kind: 'fetch', model, ...part, ...(await baseOf(access, base)) })
    },
    'models.remove': async ({ model }) => {
      const store = await access.require()
      const stored = findStored(await store.files(), model)
      const result = await removeStored(stored, store, transfers)
      await parts.onRemoved?.(stored.info.key)
      return changed(result)
    },
    'models.seed': async ({ model, seeding }) => {
      const store = await access.require()
      const { info } = findStored(await store.files(), model)
      return changed(await store.setSeeding(info.key, seeding))
    },
    'transfers.list': async () => {
      await access.require()
      return [...transfers.list()]
    },
    'transfers.pause': ({ id }) => opened(() => transfers.pause(id)),
    'transfers.resume': ({ id }) => opened(() => Promise.resolve(transfers.resume(id))),
    'transfers.cancel': ({ id }) => opened(() => transfers.cancel(id))
  }
  const streams: ModelStreams = {
    'models.verify': async function* ({ model }, signal) {
      yield* verifyStored(await access.require(), model, signal)
      await parts.onModel?.()
    },
    'transfers.watch': async function* ({ id }, signal) {
      await access.require()
      yield* transfers.watch(id, signal)
    }
  }
  return { calls, streams }
}

/** The model that an adapter is for, by whatever name. Throws `model-not-here`, and what opening the store throws. */
async function baseOf(
  access: StoreAccess,
  asked: string | undefined
): Promise<{ readonly base?: ModelKey }> {
  const store = await access.require()
  if (asked === undefined) return {}
  const models = await store.models()
  const named = searchModels(nameModels(models.map(({ info }) => info)), asked)
  return { base: (named ?? findStored(models, asked)).info.key }
}
