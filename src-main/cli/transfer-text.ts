import type { Transfer, TransferState, TransferTask } from '#contract/transfers.ts'
import type { ImportPhase } from '#contract/weights.ts'
import { formatLayers } from './layers.ts'
import { describeProgress } from './progress-line.ts'

const nobodyHasIt = 'Nobody who is online now has it; it goes on when somebody comes.'

const phaseTexts: Readonly<Record<ImportPhase, string>> = {
  downloading: 'Downloading',
  checking: 'Taking up',
  reading: 'Reading',
  building: 'Building the tree'
}

const stateTexts: Readonly<Record<TransferState, string>> = {
  running: 'on its way',
  waiting: 'waits, and goes on by itself',
  paused: 'paused',
  failed: 'failed',
  done: 'done',
  cancelled: 'cancelled'
}

/** What a transfer does now: `Fetching 34 % of 2.1 GB, 5.2 MB/s, 4 min left, from 2 peers`. */
export function describeTransfer({ progress, error }: Transfer): string {
  if (error !== undefined) return `${error.sentence} ${error.remedy}`
  if (progress === undefined) return 'Beginning ...'
  if ('phase' in progress) return `${phaseTexts[progress.phase]} ${describeProgress(progress)}`
  if (progress.state === 'searching') return nobodyHasIt
  const count = progress.peers.length
  const from = count === 0 ? '' : `, from ${count} ${count === 1 ? 'peer' : 'peers'}`
  const what = progress.state === 'paused' ? 'The disk is full.' : 'Fetching'
  return `${what} ${describeProgress(progress)}${from}`
}

/** One line of a list. */
export function summariseTransfer(transfer: Transfer): string {
  const { id, state, progress, error } = transfer
  const figures =
    progress === undefined && error === undefined ? '' : `. ${describeTransfer(transfer)}`
  return `${id}  ${stateTexts[state]}${figures}`
}

/** The command that goes on with it. */
export function commandFor(task: TransferTask): string {
  const skein = 'npm run skein -- model'
  const base = task.base === undefined ? '' : ` --for ${task.base}`
  if (task.kind === 'add') return `${skein} add ${task.source}${base}`
  const layers = task.range === undefined ? '' : ` --layers ${formatLayers(task.range)}`
  return `${skein} fetch ${task.model}${layers}${base}`
}
