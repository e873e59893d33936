import { existsSync } from 'node:fs'
import type { ModelInfo } from '#contract/model.ts'
import type { Transfer } from '#contract/transfers.ts'
import { isStoredAdapter, type StoredFile } from '#contract/weights.ts'
import { homeAt } from '#settings/home.ts'
import { openLocalModel } from '../node/local-models.ts'
import { describeAdapter } from './adapter-text.ts'
import type { CommandIo } from './command-io.ts'
import { formatBytes } from './format-bytes.ts'
import { summarise, summariseStored } from './model-store.ts'
import { withModels } from './models-channel.ts'
import { findNode } from './running-node.ts'
import { summariseTransfer } from './transfer-text.ts'

/** What comes with Skein, or what the running one was started with; then what was added; then what is on its way. */
export async function runModelList(io: CommandIo): Promise<void> {
  const models = await readModels(io)
  const { stored, transfers } = await readStore(io)
  const isStored = ({ key }: ModelInfo): boolean => stored.some(({ info }) => info.key === key)
  const others = models.filter((info) => !isStored(info))
  const added = stored.map(({ info, ...rest }) => ({ ...info, ...rest }))
  const lines = [
    ...others.map(summarise),
    ...stored.map(summariseStored),
    ...transfers.map(summariseTransfer)
  ]
  io.print(lines.join('\n'), [...others, ...added])
}

/** What a GGUF file, or a model that was added, holds, and where it can be split. Throws what reading throws. */
export async function runModelShow(io: CommandIo, asked: string): Promise<void> {
  if (existsSync(asked)) {
    const { info } = await openLocalModel(asked)
    return io.print(describe(info), info)
  }
  const model = await withModels(io, (channel) => channel.call('models.show', { model: asked }))
  const what = isStoredAdapter(model) ? describeAdapter(model) : describe(model.info)
  io.print(`${what}\n${describeStored(model)}`, model)
}

/** Looking makes no store. */
async function readStore(io: CommandIo): Promise<{
  readonly stored: readonly StoredFile[]
  readonly transfers: readonly Transfer[]
}> {
  if (!existsSync(homeAt(io.homeFolder).weightsFolder)) return { stored: [], transfers: [] }
  return withModels(io, async (channel) => ({
    stored: await channel.call('models.list', {}),
    transfers: await channel.call('transfers.list', {})
  }))
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

function describe(info: ModelInfo): string {
  const isWholeOnly = info.boundaries.length === 1 && info.layers > 1
  return [
    `Name            ${info.name}`,
    `Key             ${info.key}`,
    `Architecture    ${info.architecture}`,
    `Size            ${formatBytes(info.bytes)}, ${(info.parameters / 1e6).toFixed(1)} million parameters, ${info.quantisation}`,
    `Layers          ${info.layers}, ${info.width} values per token between them`,
    `Context         ${info.contextLength} tokens`,
    `Vocabulary      ${info.vocabularySize} tokens`,
    isWholeOnly
      ? 'Splits at       nowhere: this architecture is served whole only'
      : `Splits at       layers ${info.boundaries.slice(1).join(', ')}`
  ].join('\n')
}

function describeStored({ state, seeding, path, addedAt }: StoredFile): string {
  return [
    `File            ${path ?? 'in the weights store'}, ${state}`,
    `Added           ${addedAt}`,
    `Seeding         ${seeding ? 'on, once the setting "seeding" is on too' : 'off'}`
  ].join('\n')
}
