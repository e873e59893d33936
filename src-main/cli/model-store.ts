import path from 'node:path'
import { SkeinError } from '#contract/errors.ts'
import { modelKeySchema, type LayerRange, type ModelInfo } from '#contract/model.ts'
import { isStoredAdapter, type StoredFile } from '#contract/weights.ts'
import { isAddress } from '#weights/download/model-address.ts'
import { summariseAdapter } from './adapter-text.ts'
import type { CommandIo } from './command-io.ts'
import { followTransfer } from './follow-transfer.ts'
import { formatBytes } from './format-bytes.ts'
import { formatLayers } from './layers.ts'
import { withModels } from './models-channel.ts'
import { ProgressLine } from './progress-line.ts'

/**
 * Adds a GGUF file: a local one stays where it is, one from the web is downloaded first. Cut off, the same command goes on where it
 * stopped. HF_ENDPOINT names a mirror, HF_TOKEN lets in to models whose owner asks for an account. With `base`, the file is an
 * adapter for that model.
 */
export async function runModelAdd(
  io: CommandIo,
  asked: string,
  { base, env = process.env }: { readonly base?: string | undefined; env?: NodeJS.ProcessEnv } = {}
): Promise<void> {
  const source = isAddress(asked) ? asked : path.resolve(asked)
  const endpoint = env['HF_ENDPOINT']
  const token = env['HF_TOKEN']
  await withModels(io, async (channel) => {
    const transfer = await channel.call('models.add', { source, base, endpoint, token })
    const model = await followTransfer(io, channel, transfer)
    if (model === undefined) return
    io.print(`Added ${model.info.name}. Its key:\n${model.info.key}`, model)
  })
}

/** Fetches a model, or some layers of it, from peers who have it. Only its key is needed; for an adapter, its model `base` too. */
export async function runModelFetch(
  io: CommandIo,
  asked: string,
  range: LayerRange | undefined,
  base?: string
): Promise<void> {
  const key = modelKeySchema.safeParse(asked.toLowerCase())
  if (!key.success) throw new SkeinError('invalid-input', `${asked} is no key of a model`)
  await withModels(io, async (channel) => {
    const transfer = await channel.call('models.fetch', { model: key.data, range, base })
    const model = await followTransfer(io, channel, transfer)
    if (model === undefined) return
    const part = range === undefined ? 'whole' : `layers ${formatLayers(range)}`
    io.print(`Fetched ${model.info.name}, ${part}.`, model)
  })
}

/** Reads every block of a model again and compares it with its hash. Exit code 1 when something is damaged. */
export async function runModelVerify(io: CommandIo, asked: string): Promise<void> {
  const line = new ProgressLine()
  await withModels(io, async (channel) => {
    try {
      for await (const event of channel.stream('models.verify', { model: asked }, io.signal)) {
        if (event.kind === 'progress') line.show('Checking', event.progress)
        else tellVerified(io, line, event)
      }
    } finally {
      line.clear()
    }
  })
}

function tellVerified(
  io: CommandIo,
  line: ProgressLine,
  { model, report }: { model: StoredFile; report: { checkedBlocks: number; damagedBlocks: number } }
): void {
  line.clear()
  const { checkedBlocks, damagedBlocks } = report
  if (damagedBlocks > 0) process.exitCode = 1
  const verdict =
    damagedBlocks === 0 ? 'all as they should be' : `${damagedBlocks} damaged and left out`
  const { name, key } = model.info
  io.print(`${name}: ${checkedBlocks} blocks, ${verdict}.`, { key, ...report })
}

/** Forgets a model. A file of the person's stays; what was downloaded or came from peers is deleted. */
export async function runModelRemove(io: CommandIo, asked: string): Promise<void> {
  await withModels(io, async (channel) => {
    const { removed, keptFile } = await channel.call('models.remove', { model: asked })
    const rest = keptFile === undefined ? '' : ` The file stays: ${keptFile}`
    io.print(`Removed ${removed.info.name}.${rest}`, { removed: removed.info.key })
  })
}

/** Whether peers may have a model, once the person agreed to share models at all. */
export async function runModelSeed(io: CommandIo, asked: string, value: string): Promise<void> {
  if (value !== 'on' && value !== 'off') throw new SkeinError('invalid-input', value)
  await withModels(io, async (channel) => {
    const seeding = value === 'on'
    const model = await channel.call('models.seed', { model: asked, seeding })
    io.print(`${model.info.name}: seeding is ${value}.`, model)
  })
}

/** One line of a list. */
export function summariseStored(stored: StoredFile): string {
  const { state, seeding, path: file } = stored
  const what = isStoredAdapter(stored) ? summariseAdapter(stored) : summarise(stored.info)
  const shared = seeding ? '' : ', not shared'
  return `${what}  ${state}${shared}, ${file ?? 'from peers'}`
}

/** One line for a model, wherever it is. */
export function summarise(info: ModelInfo): string {
  return `${info.name}  ${info.layers} layers, ${formatBytes(info.bytes)}, ${info.quantisation}  ${info.key.slice(0, 16)}`
}
