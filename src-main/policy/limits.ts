import type { ComputeLimits, LimiterName, TransferLimits } from '#contract/decision.ts'
import type { Known, Now } from './known.ts'
import { gpuFloor, memoryFloor } from './memory-budget.ts'
import { isByHand, isInUse } from './rules/person-rules.ts'
import { hasUnknownTemperature } from './rules/sensor-rules.ts'

/** For a device that does not tell how warm it is, and for a computer that is warm already. */
const cautiousShare = 0.5

type Shares = readonly (readonly [share: number, by: LimiterName | undefined])[]

/** Whether less is lent because the person is there, or may be. */
export function isThrottledByUse(known: Known, now: Now): boolean {
  const { signals, settings } = known
  if (settings.whenInUse !== 'throttle' || isByHand(settings, now)) return false
  const isLeft = signals.locked.kind === 'value' && signals.locked.value
  return isInUse(known) || (signals.idle.kind === 'unavailable' && !isLeft)
}

/** What computing for others may take now. `work` and `keepsMemory` are the verdict's. */
export function computeLimits(
  known: Known,
  now: Now,
  verdict: Pick<ComputeLimits, 'work' | 'keepsMemory'>
): ComputeLimits {
  const { settings } = known
  const { share, by } = shareOf(known, now)
  return {
    ...verdict,
    share,
    shareBy: by,
    threads: settings.threads,
    gpuCelsius: settings.gpuCelsius,
    cpuCelsius: settings.cpuCelsius,
    gpuWatts: settings.gpuWatts === 0 ? Infinity : settings.gpuWatts,
    gpuMemoryBytes: gpuBudgets(known),
    memoryBytes: memoryBudget(known)
  }
}

function shareOf(
  known: Known,
  now: Now
): { readonly share: number; readonly by: LimiterName | undefined } {
  const { settings, signals } = known
  const { thermalState } = signals
  const isWarm = thermalState.kind === 'value' && thermalState.value !== 'nominal'
  const shares: Shares = [
    [1, undefined],
    [settings.computePercent / 100, 'compute-percent'],
    [isThrottledByUse(known, now) ? settings.inUsePercent / 100 : 1, 'in-use'],
    [hasUnknownTemperature(known) ? cautiousShare : 1, 'unknown-temperature'],
    [isWarm ? cautiousShare : 1, 'warm-system']
  ]
  const [share, by] = shares.reduce((least, each) => (each[0] < least[0] ? each : least))
  return { share, by }
}

/** What weights and caches may take of each GPU: what is free beyond the floor, and what they have. */
function gpuBudgets({ signals, settings, own }: Known): ReadonlyMap<string, number> {
  const gpus = signals.gpus.kind === 'value' ? signals.gpus.value : []
  const budgets = new Map<string, number>()
  for (const { id, memoryBytes, memoryUsedBytes } of gpus) {
    if (memoryBytes === undefined || memoryUsedBytes === undefined) continue
    const byOthers = Math.max(0, memoryUsedBytes - (own.gpuMemoryBytes.get(id) ?? 0))
    budgets.set(id, Math.max(0, memoryBytes - byOthers - gpuFloor(memoryBytes, settings)))
  }
  return budgets
}

function memoryBudget({ signals: { memory }, settings, own }: Known): number | undefined {
  if (memory.kind === 'unavailable') return undefined
  const { bytes, availableBytes } = memory.value
  return Math.max(0, availableBytes + own.memoryBytes - memoryFloor(bytes, settings))
}

/** What models that are shared may take of the connection. */
export function transferLimits({ settings, own }: Known, isAllowed: boolean): TransferLimits {
  const { uploadKilobytesPerSecond: up, downloadKilobytesPerSecond: down } = settings
  const { transferGigabytesPerMonth: cap } = settings
  return {
    isAllowed,
    uploadBytesPerSecond: up === 0 ? Infinity : up * 1000,
    downloadBytesPerSecond: down === 0 ? Infinity : down * 1000,
    bytesLeft: cap === 0 ? Infinity : Math.max(0, cap * 1e9 - own.transferredBytes)
  }
}
