import type { SettingName } from '#contract/settings.ts'
import type { NodeStatus } from '#contract/status.ts'
import type { Transfer } from '#contract/transfers.ts'
import type { StoredModel } from '#contract/weights.ts'
import { asModel } from '#weights/file-kind.ts'
import type { SkeinNode } from '#node'

type WithControl = Pick<SkeinNode, 'control'>

const never = AbortSignal.any([])

/** Adds a file to a node's store, as a person does. */
export async function addModel({ control }: WithControl, source: string): Promise<StoredModel> {
  const transfer = await control.call('models.add', { source }, never)
  return transferred({ control }, transfer)
}

/** The model that a transfer brings. */
export async function transferred(
  { control }: WithControl,
  { id }: Pick<Transfer, 'id'>
): Promise<StoredModel> {
  for await (const { model, error } of control.stream('transfers.watch', { id }, never)) {
    if (model !== undefined) return asModel(model)
    if (error !== undefined) throw new Error(JSON.stringify(error))
  }
  throw new Error('it ended without a model')
}

export async function allow({ control }: WithControl, ...names: SettingName[]): Promise<void> {
  for (const name of names) await control.call('settings.set', { name, value: true }, never)
}

/** Resolves with the first status that fulfils `condition`. */
export async function untilStatus(
  { control }: WithControl,
  condition: (status: NodeStatus) => boolean
): Promise<NodeStatus> {
  for await (const status of control.stream('status.watch', {}, never)) {
    if (condition(status)) return status
  }
  throw new Error('the node says no more')
}
