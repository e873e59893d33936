import { SkeinError } from '#contract/errors.ts'
import type { Transfer } from '#contract/transfers.ts'
import type { StoredFile } from '#contract/weights.ts'
import type { CommandIo } from './command-io.ts'
import type { ModelsChannel } from './models-channel.ts'
import { ProgressLine } from './progress-line.ts'
import { commandFor, describeTransfer } from './transfer-text.ts'

/** What a shell expects of a command that Ctrl-C ended. */
const interruptedCode = 130

/**
 * Shows how a transfer goes, until its model is here; `undefined` when it was paused. Ctrl-C pauses it and says how to go on. With `--json`,
 * one object per line. Throws why it failed.
 */
export async function followTransfer(
  io: CommandIo,
  channel: ModelsChannel,
  { id }: Transfer
): Promise<StoredFile | undefined> {
  const line = new ProgressLine()
  try {
    for await (const transfer of channel.stream('transfers.watch', { id }, io.signal)) {
      if (!io.json) line.say(describeTransfer(transfer))
      else if (transfer.progress !== undefined) io.print('', { progress: transfer.progress })
      const { state, error, model } = transfer
      if (model !== undefined) return model
      if (state === 'failed' && error !== undefined) throw SkeinError.fromValue(error)
      if (state === 'cancelled') throw new SkeinError('cancelled')
      if (state === 'paused') return tellPaused(io, line, transfer)
    }
  } catch (thrown) {
    if (!io.signal.aborted) throw thrown
  } finally {
    line.clear()
  }
  const transfer = await channel.call('transfers.pause', { id })
  return transfer.model ?? tellPaused(io, line, transfer)
}

function tellPaused(io: CommandIo, line: ProgressLine, paused: Transfer): undefined {
  line.clear()
  process.exitCode = interruptedCode
  io.print(`Paused. To go on: ${commandFor(paused.task)}`, { paused })
}
