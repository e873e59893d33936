import { statSync } from 'node:fs'
import path from 'node:path'
import type { LayerRange } from '#contract/model.ts'
import type { CommandIo } from './command-io.ts'
import { formatLayers } from './layers.ts'
import { connectToNode } from './running-node.ts'
import { describeTransfer } from './transfer-text.ts'

/** Makes the running node host layers of a model. Throws `not-running`. */
export async function runModelHost(
  io: CommandIo,
  asked: string,
  range: LayerRange | undefined
): Promise<void> {
  const node = await connectToNode(io.homeFolder)
  try {
    const begun = await node.client.call('stages.host', { model: fileOr(asked), range }, io.signal)
    const { stage, transfer } = begun
    const how =
      stage !== undefined
        ? `Layers ${formatLayers(stage.range)} are ${stage.state}.`
        : transfer !== undefined
          ? describeTransfer(transfer)
          : 'Loading.'
    io.print(`${how} "skein status" tells how it goes.`, begun)
  } finally {
    node.close()
  }
}

/** Makes the running node give layers up; sessions at work end first. Throws `not-running`. */
export async function runModelRelease(
  io: CommandIo,
  asked: string,
  range: LayerRange | undefined
): Promise<void> {
  const node = await connectToNode(io.homeFolder)
  try {
    const input = { model: fileOr(asked), range }
    const given = await node.client.call('stages.release', input, io.signal)
    io.print(`${given.released} given up.`, given)
  } finally {
    node.close()
  }
}

/** The node may run in another folder. */
export function fileOr(asked: string): string {
  const file = path.resolve(asked)
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true ? file : asked
}
