import { decisionSentence } from '#contract/decision-sentence.ts'
import { limiters } from '#contract/decision.ts'
import { SkeinError } from '#contract/errors.ts'
import { programNames } from '#contract/lending-settings.ts'
import type { Logger } from '#contract/log.ts'
import { signalNames, signalNouns, type Signals } from '#contract/signals.ts'
import type { LendingStatus } from '#contract/status.ts'
import { Governor, type Governed } from '#host/governor/governor.ts'
import type { StageHost } from '#host/stage-host.ts'
import type { OwnUse } from '#policy/known.ts'
import type { SettingsStore } from '#settings/settings-store.ts'
import { chooseSources } from '#signals/choose-sources.ts'
import { SignalBoard } from '#signals/signal-board.ts'
import type { SignalSources } from '#signals/signal-source.ts'
import { GuestAccount } from './guest-account.ts'
import type { Hosting } from './hosting.ts'

const countEveryMs = 1000

export interface GuestOptions {
  readonly settings: SettingsStore
  readonly ledgerFile: string
  readonly signals: Partial<SignalSources> | undefined
  readonly host: StageHost
  readonly hosting: Pick<Hosting, 'giveBack' | 'takeBack'>
  /** `cpu`, or the GPU's name. */
  readonly device: () => string
  /** What may be lent or shared has changed. */
  readonly onChange: () => void
  readonly log: Logger
}

/** This computer as a good guest lends it. */
export interface Guest {
  readonly isLending: () => boolean
  readonly mayShare: () => boolean
  /** Absent where nothing is watched. */
  readonly status: () => LendingStatus | undefined
  /** A connection whose bytes count. */
  readonly attach: GuestAccount['traffic']['attach']
}

/** Lends whatever the computer does. */
export function carefreeGuest(settings: SettingsStore): Guest {
  return {
    isLending: () => settings.current.lending,
    mayShare: () => true,
    status: () => undefined,
    attach: () => undefined
  }
}

/** Watches the computer, decides, and makes host and store obey. What it opens, `closers` closes. */
export function startGuest(options: GuestOptions, closers: AsyncDisposableStack): Guest {
  const { settings, host, log } = options
  const account = new GuestAccount(options.ledgerFile, () => settings.current)
  const signals = new SignalBoard(
    chooseSources({
      own: { processIds: () => host.processIds(), share: gpuShare, bytes: () => memoryOf(host) },
      processIds: () => [process.pid, ...host.processIds()],
      exclusivePrograms: () => programNames(settings.current.exclusivePrograms),
      ...(options.signals === undefined ? {} : { fromShell: options.signals })
    })
  )
  const governor = new Governor({ signals, settings, own, act, log })
  const counting = setInterval(count, countEveryMs)
  counting.unref()
  closers.defer(() => {
    clearInterval(counting)
    governor.close()
    signals.close()
    account.close()
  })
  signals.start()
  governor.start()
  return {
    isLending: () => governor.current.decision.limits.compute.work === 'yes',
    mayShare: () => governor.current.decision.limits.transfer.isAllowed,
    status: () => statusOf(governor.current, signals.current(), account, settings),
    attach: (stream) => account.traffic.attach(stream)
  }

  function own(): OwnUse {
    const { transferredBytes, cost } = account.totals()
    const bytes = memoryOf(host)
    const { gpus } = signals.current()
    const gpu = gpus.kind === 'value' ? gpus.value[0] : undefined
    const isOnGpu = options.device() !== 'cpu' && gpu !== undefined
    return {
      answers: host.othersAtWork(),
      transferredBytes,
      cost,
      memoryBytes: isOnGpu ? 0 : bytes,
      gpuMemoryBytes: new Map(isOnGpu ? [[gpu.id, bytes]] : [])
    }
  }

  function act({ decision, duty }: Governed): void {
    const { work } = decision.limits.compute
    if (duty > 0) host.setShare(duty)
    if (work === 'no') host.endOthers()
    if (work === 'yes') options.hosting.takeBack()
    options.onChange()
  }

  /** Share of the card's time that is Skein's: what others may have of it, and all of it for an answer of this person. */
  function gpuShare(): number {
    const sessions = host.status().reduce((sum, stage) => sum + stage.sessions, 0)
    const ofOthers = host.othersAtWork()
    return sessions > ofOthers ? 1 : ofOthers > 0 ? governor.current.duty : 0
  }

  function count(): void {
    const { decision, duty } = governor.current
    if (!decision.limits.compute.keepsMemory) options.hosting.giveBack()
    try {
      account.count(signals.current(), host.othersAtWork() > 0 ? duty : 0)
    } catch (thrown) {
      log.warn('the ledger was not written', { why: SkeinError.from(thrown).message })
    }
  }
}

function memoryOf(host: StageHost): number {
  return host.status().reduce((sum, { memoryBytes }) => sum + memoryBytes, 0)
}

function unknownOf(signals: Signals): LendingStatus['unknown'] {
  return signalNames.flatMap((name) => {
    const reading = signals[name]
    if (reading.kind === 'value') return []
    return [{ signal: signalNouns[name], source: reading.source, reason: reading.reason }]
  })
}

function statusOf(
  { decision, duty, limitedBy }: Governed,
  signals: Signals,
  account: GuestAccount,
  settings: SettingsStore
): LendingStatus {
  const style = { now: Date.now() }
  const { transferredBytes, joules, cost, isEstimate } = account.totals()
  return {
    state: decision.state,
    reason: decision.reason,
    sentence: decisionSentence(decision, style),
    share: duty,
    ...(limitedBy === undefined ? {} : { limitedBy: limiters[limitedBy] }),
    transferSentence: decisionSentence(decision.transfer, style),
    unknown: unknownOf(signals),
    month: {
      transferredBytes,
      joules,
      isEstimate,
      ...(settings.current.electricityTariff === '' ? {} : { cost })
    }
  }
}
