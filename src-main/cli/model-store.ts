import { SkeinError } from '#contract/errors.ts'
import type { ImportPhase, StoredModel } from '#contract/weights.ts'
import type { CommandIo } from './command-io.ts'
import { formatBytes } from './format-bytes.ts'
import { ProgressLine } from './progress-line.ts'
import { findModel, withStore } from './with-store.ts'

const phaseTexts: Readonly<Record<ImportPhase, string>> = {
  checking: 'Taking up',
  reading: 'Reading',
  building: 'Building the tree'
}

/**
 * Adds a GGUF file to the store: it stays where it is. Cut off, the same command goes on where it stopped. With `--json`, one object
 * per line: progress, then the model.
 */
export async function runModelAdd(io: CommandIo, file: string): Promise<void> {
  if (/^(https?|hf):/.test(file)) {
    throw new SkeinError('invalid-input', `${file}: download the file first, then add it`)
  }
  const line = new ProgressLine()
  const model = await withStore(io, async (store) => {
    try {
      return await store.importFile(file, {
        signal: io.signal,
        onProgress: (progress) => {
          if (io.json) io.print('', { progress })
          else line.show(phaseTexts[progress.phase], progress)
        }
      })
    } finally {
      line.clear()
    }
  })
  io.print(`Added ${model.info.name}. Its key:\n${model.info.key}`, model)
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

/** Forgets a model. A file that was added stays; what came from peers is deleted. */
export async function runModelRemove(io: CommandIo, asked: string): Promise<void> {
  await withStore(io, async (store) => {
    const model = findModel(await store.models(), asked)
    await store.remove(model.info.key)
    const rest = model.path === undefined ? '' : ` The file stays: ${model.path}`
    io.print(`Removed ${model.info.name}.${rest}`, { removed: model.info.key })
  })
}

/** Whether peers may have a model, once lending is on. */
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
