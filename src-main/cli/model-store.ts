import { rm } from 'node:fs/promises'
import { setGlobalProxyFromEnv } from 'node:http'
import path from 'node:path'
import { SkeinError } from '#contract/errors.ts'
import type { ImportPhase, ImportProgress, StoredModel } from '#contract/weights.ts'
import { homeAt } from '#settings/home.ts'
import { downloadFile } from '#weights/download/download-file.ts'
import { isAddress, parseAddress } from '#weights/download/model-address.ts'
import type { ImportOptions } from '#weights/import-model.ts'
import type { CommandIo } from './command-io.ts'
import { formatBytes } from './format-bytes.ts'
import { ProgressLine } from './progress-line.ts'
import { findModel, withStore } from './with-store.ts'

const phaseTexts: Readonly<Record<ImportPhase, string>> = {
  downloading: 'Downloading',
  checking: 'Taking up',
  reading: 'Reading',
  building: 'Building the tree'
}

/**
 * Adds a GGUF file to the store: a local one stays where it is, one from the web is downloaded first. Cut off, the same command goes on
 * where it stopped. With `--json`, one object per line: progress, then the model.
 */
export async function runModelAdd(
  io: CommandIo,
  asked: string,
  env: NodeJS.ProcessEnv = process.env
): Promise<void> {
  const line = new ProgressLine()
  const onProgress = (progress: ImportProgress): void => {
    if (io.json) io.print('', { progress })
    else line.show(phaseTexts[progress.phase], progress)
  }
  const options = { signal: io.signal, onProgress }
  const model = await withStore(io, async (store) => {
    try {
      const file = isAddress(asked) ? await download(io, asked, env, options) : asked
      return await store.importFile(file, options)
    } finally {
      line.clear()
    }
  })
  io.print(`Added ${model.info.name}. Its key:\n${model.info.key}`, model)
}

/** HF_ENDPOINT names a mirror, HF_TOKEN lets in to models whose owner asks for an account, HTTPS_PROXY is honoured. */
async function download(
  io: CommandIo,
  asked: string,
  env: NodeJS.ProcessEnv,
  options: ImportOptions
): Promise<string> {
  const address = parseAddress(asked, env['HF_ENDPOINT'])
  const token = env['HF_TOKEN']
  const access = token === undefined ? {} : { token }
  const leaveProxy = setGlobalProxyFromEnv(env)
  try {
    return await downloadFile(address, downloadFolder(io), { ...options, ...access })
  } finally {
    leaveProxy()
  }
}

function downloadFolder(io: CommandIo): string {
  return path.join(homeAt(io.homeFolder).weightsFolder, 'files')
}

/** Reads every block of a model again and compares it with its hash. Exit code 1 when something is damaged. */
export async function runModelVerify(io: CommandIo, asked: string): Promise<void> {
  const line = new ProgressLine()
  await withStore(io, async (store) => {
    const { info } = findModel(await store.models(), asked)
    const report = await store
      .verify(info.key, {
        signal: io.signal,
        onProgress: (progress) => line.show('Checking', progress)
      })
      .finally(() => line.clear())
    const { checkedBlocks, damagedBlocks } = report
    if (damagedBlocks > 0) process.exitCode = 1
    const verdict =
      damagedBlocks === 0 ? 'all as they should be' : `${damagedBlocks} damaged and left out`
    io.print(`${info.name}: ${checkedBlocks} blocks, ${verdict}.`, { key: info.key, ...report })
  })
}

/** Forgets a model. A file of the person's stays; what was downloaded or came from peers is deleted. */
export async function runModelRemove(io: CommandIo, asked: string): Promise<void> {
  await withStore(io, async (store) => {
    const model = findModel(await store.models(), asked)
    await store.remove(model.info.key)
    const isDownload = model.path !== undefined && path.dirname(model.path) === downloadFolder(io)
    if (isDownload) await rm(path.join(downloadFolder(io), model.fileName), { force: true })
    const stays = model.path !== undefined && !isDownload
    const rest = stays ? ` The file stays: ${model.path}` : ''
    io.print(`Removed ${model.info.name}.${rest}`, { removed: model.info.key })
  })
}

/** Whether peers may have a model, once the node seeds. */
export async function runModelSeed(io: CommandIo, asked: string, value: string): Promise<void> {
  if (value !== 'on' && value !== 'off') throw new SkeinError('invalid-input', value)
  await withStore(io, async (store) => {
    const { info } = findModel(await store.models(), asked)
    const model = await store.setSeeding(info.key, value === 'on')
    io.print(`${info.name}: seeding is ${value}.`, model)
  })
}

/** One line of a list. */
export function summariseStored({ info, state, seeding, path }: StoredModel): string {
  const where = path === undefined ? 'from peers' : path
  const shared = seeding ? '' : ', not shared'
  return `${info.name}  ${info.layers} layers, ${formatBytes(info.bytes)}, ${info.quantisation}  ${info.key.slice(0, 16)}  ${state}${shared}, ${where}`
}
