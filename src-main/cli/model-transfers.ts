import { SkeinError } from '#contract/errors.ts'
import type { Transfer } from '#contract/transfers.ts'
import type { CommandIo } from './command-io.ts'
import { followTransfer } from './follow-transfer.ts'
import { withModels, type ModelsChannel } from './models-channel.ts'
import { summariseTransfer } from './transfer-text.ts'

/** What is on its way, paused or failed. */
export async function runModelTransfers(io: CommandIo): Promise<void> {
  await withModels(io, async (channel) => {
    const transfers = await channel.call('transfers.list', {})
    const lines = transfers.map(summariseTransfer)
    io.print(lines.length === 0 ? 'Nothing is on its way.' : lines.join('\n'), transfers)
  })
}

/** Goes on with a transfer, and shows how it goes. */
export async function runModelResume(io: CommandIo, asked: string): Promise<void> {
  await withModels(io, async (channel) => {
    const { id } = await findTransfer(channel, asked)
    const model = await followTransfer(io, channel, await channel.call('transfers.resume', { id }))
    if (model !== undefined) io.print(`${model.info.name} is here.\n${model.info.key}`, model)
  })
}

export async function runModelPause(io: CommandIo, asked: string): Promise<void> {
  await withModels(io, async (channel) => {
    const { id } = await findTransfer(channel, asked)
    io.print('Paused.', await channel.call('transfers.pause', { id }))
  })
}

/** Forgets a transfer, and what an unfinished download left. */
export async function runModelCancel(io: CommandIo, asked: string): Promise<void> {
  await withModels(io, async (channel) => {
    const { id } = await findTransfer(channel, asked)
    io.print('Cancelled.', await channel.call('transfers.cancel', { id }))
  })
}

/** By its whole name or a part of it that no other one has. Throws `transfer-unknown`, `invalid-input`. */
async function findTransfer(channel: ModelsChannel, asked: string): Promise<Transfer> {
  const transfers = await channel.call('transfers.list', {})
  const exact = transfers.find(({ id }) => id === asked)
  if (exact !== undefined) return exact
  const [match, ...others] = transfers.filter(({ id }) => id.includes(asked))
  if (match === undefined) throw new SkeinError('transfer-unknown', asked)
  if (others.length > 0) throw new SkeinError('invalid-input', `${asked} stands for several`)
  return match
}
