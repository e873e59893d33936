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
  const changed = async <Result>(result: Result): Promise<Result> => {
    await parts.onModel?.()
    return result
  }
  const calls: ModelCalls = {
    'models.list': async () => (await access.require()).models(),
    'models.show': async ({ model }) => findStored(await (await access.require()).models(), model),
    'models.add': async ({ source, endpoint, token }) => {
      await access.require()
      const task: TransferTask = {
        kind: 'add',
        source,
        ...(endpoint === undefined ? {} : { endpoint })
      }
      return transfers.start(task, token)
    },
    'models.fetch': async ({ model, range }) => {
      const known = await (await access.require()).models()
      const isHere = known.some(({ info }) => info.key === model)
      if (!isNetworked && !isHere) throw new SkeinError('no-network')
      return transfers.start({ kind: 'fetch', model, ...(range === undefined ? {} : { range }) })
    },
    'models.remove': async ({ model }) => {
      const store = await access.require()
      const stored = findStored(await store.models(), model)
      const result = await removeStored(stored, store, transfers)
      await parts.onRemoved?.(stored.info.key)
      return changed(result)
    },
    'models.seed': async ({ model, seeding }) => {
      const store = await access.require()
      const { info } = findStored(await store.models(), model)
      return changed(await store.setSeeding(info.key, seeding))
    },
    'transfers.list': async () => {
      await access.require()
      return [...transfers.list()]
    },
    'transfers.pause': ({ id }) => transfers.pause(id),
    'transfers.resume': ({ id }) => Promise.resolve(transfers.resume(id)),
    'transfers.cancel': ({ id }) => transfers.cancel(id)
  }
  const streams: ModelStreams = {
    'models.verify': async function* ({ model }, signal) {
      yield* verifyStored(await access.require(), model, signal)
      await parts.onModel?.()
    },
    'transfers.watch': ({ id }, signal) => transfers.watch(id, signal)
  }
  return { calls, streams }
}
