import type { ModelInfo } from '#contract/model.ts'
import { openLocalModel } from '../node/local-models.ts'
import type { CommandIo } from './command-io.ts'
import { findNode } from './running-node.ts'

/** The models that can be used now: those of the running node, else what comes with Skein. */
export async function runModelList(io: CommandIo): Promise<void> {
  const models = await readModels(io)
  io.print(models.map(summarise).join('\n'), models)
}

/** What a GGUF file holds, and where it can be split. Throws what reading throws. */
export async function runModelShow(io: CommandIo, file: string): Promise<void> {
  const { info } = await openLocalModel(file)
  io.print(describe(info), info)
}

async function readModels(io: CommandIo): Promise<readonly ModelInfo[]> {
  const node = await findNode(io.homeFolder)
  if (node === undefined) return [(await openLocalModel(io.paths.embeddedModelFile)).info]
  try {
    return (await node.client.call('status.get', {}, io.signal)).models
  } finally {
    node.close()
  }
}

function summarise(info: ModelInfo): string {
  return `${info.name}  ${info.layers} layers, ${size(info.bytes)}, ${info.quantisation}  ${info.key.slice(0, 16)}`
}

function describe(info: ModelInfo): string {
  const isWholeOnly = info.boundaries.length === 1 && info.layers > 1
  return [
    `Name            ${info.name}`,
    `Key             ${info.key}`,
    `Architecture    ${info.architecture}`,
    `Size            ${size(info.bytes)}, ${(info.parameters / 1e6).toFixed(1)} million parameters, ${info.quantisation}`,
    `Layers          ${info.layers}, ${info.width} values per token between them`,
    `Context         ${info.contextLength} tokens`,
    `Vocabulary      ${info.vocabularySize} tokens`,
    isWholeOnly
      ? 'Splits at       nowhere: this architecture is served whole only'
      : `Splits at       layers ${info.boundaries.slice(1).join(', ')}`
  ].join('\n')
}

function size(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`
}
