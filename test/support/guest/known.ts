import { settingsSchema, type Settings } from '#contract/settings.ts'
import type { Reading, Signals, SignalName, UnavailableReason } from '#contract/signals.ts'
import type { Known, Now, OwnUse } from '#policy/known.ts'

export const hour = 3_600_000
/** A Wednesday, 12:00 in UTC. */
export const noon = Date.UTC(2026, 10, 18, 12)

export const atNoon: Now = { wall: noon, monotonic: 1_000_000, timeZone: 'UTC' }

export function later(now: Now, millis: number): Now {
  return { ...now, wall: now.wall + millis, monotonic: now.monotonic + millis }
}

export function value<Value>(of: Value): Reading<Value> {
  return { kind: 'value', value: of, readAt: 0, source: 'test' }
}

export function unavailable(reason: UnavailableReason): {
  readonly kind: 'unavailable'
  readonly reason: UnavailableReason
  readonly source: string
} {
  return { kind: 'unavailable', reason, source: 'test' }
}

/** A computer that nobody uses, on mains power, cool, with a GPU and room. */
export const calmSignals: Signals = {
  idle: value(hour),
  locked: value(false),
  onBattery: value(false),
  batterySaver: value(false),
  cpuByOthers: value(0.02),
  memory: value({ bytes: 32e9, availableBytes: 24e9 }),
  gpus: value([
    {
      id: '0000:01:00.0',
      name: 'Test GPU',
      celsius: 45,
      watts: 30,
      use: 0,
      useByOthers: 0,
      memoryBytes: 12e9,
      memoryUsedBytes: 1e9,
      memoryByOthersBytes: 1e9
    }
  ]),
  cpuCelsius: value(50),
  thermalState: value('nominal'),
  fullScreen: value(false),
  exclusivePrograms: value([]),
  metered: value(false),
  traffic: value({ receivedBytes: 0, sentBytes: 0 })
}

/** Everything agreed to, all else as it comes. */
export const agreed: Settings = { ...settingsSchema.parse({}), lending: true, seeding: true }

const idleOwn: OwnUse = {
  answers: 0,
  transferredBytes: 0,
  cost: 0,
  memoryBytes: 0,
  gpuMemoryBytes: new Map()
}

export interface Change {
  readonly signals?: Partial<Signals>
  readonly settings?: Partial<Settings>
  readonly own?: Partial<OwnUse>
}

/** A computer where lending may go on, but for these changes; later ones win. */
export function knownWith(...changes: readonly Change[]): Known {
  return changes.reduce<Known>(
    (known, { signals, settings, own }) => ({
      signals: { ...known.signals, ...signals },
      settings: { ...known.settings, ...settings },
      own: { ...known.own, ...own }
    }),
    { signals: calmSignals, settings: agreed, own: idleOwn }
  )
}

/** The same signals, with one that cannot be read. */
export function without(name: SignalName, reason: UnavailableReason): Change {
  return { signals: { [name]: unavailable(reason) } }
}
