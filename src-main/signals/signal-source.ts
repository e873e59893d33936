import type { SignalName, SignalValues, UnavailableReason } from '#contract/signals.ts'

/** Thrown by whatever cannot tell a signal. */
export class Unavailable extends Error {
  readonly reason: UnavailableReason

  constructor(reason: UnavailableReason, detail?: string, options?: ErrorOptions) {
    super(detail ?? reason, options)
    this.name = 'Unavailable'
    this.reason = reason
  }
}

/** One way to read one signal. */
export interface SignalSource<Name extends SignalName> {
  /** Who says so, for people: `GNOME`, `NVML`. */
  readonly source: string
  /** How often it is worth asking, milliseconds. */
  readonly everyMs: number
  /** Throws `Unavailable`; anything else that it throws counts as `failed`. Ends early when `stop` aborts. */
  read(stop: AbortSignal): Promise<SignalValues[Name]>
  /** Where it can tell by itself that its value has changed: `listener` is called then. */
  watch?(listener: () => void): void
  close?(): void
}

export type SignalSources = { readonly [Name in SignalName]: SignalSource<Name> }

/** For a signal that this platform has no adapter for. */
export function unsupported<Name extends SignalName>(): SignalSource<Name> {
  return {
    source: 'none',
    everyMs: 3_600_000,
    read: () => Promise.reject(new Unavailable('unsupported'))
  }
}
