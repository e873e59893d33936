import type { GpuReading, SignalName, SignalValues } from '#contract/signals.ts'

/** A temperature or a power draw that has not moved by the last digit for so long is not measured any more. */
const sensorStuckMs = 3_600_000
/** Without input the time since the last one grows; with input it begins anew. */
const idleStuckMs = 60_000
/** Somebody may type for long, but nobody does so without a pause of a second for half a day. */
const busyStuckMs = 12 * 3_600_000

interface Seen {
  value: number
  since: number
}

/** Tells sensors that repeat themselves. Keeps what it has seen: one for all signals of a node. */
export class StuckWatch {
  readonly #seen = new Map<string, Seen>()
  readonly #now: () => number

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** The value without what is stuck; `undefined` when all of it is. */
  check<Name extends SignalName>(
    name: Name,
    value: SignalValues[Name]
  ): SignalValues[Name] | undefined {
    if (typeof value !== 'number') return value
    const limit = name === 'idle' ? idleLimit(value) : sensorStuckMs
    const isWatched = name === 'idle' || name === 'cpuCelsius'
    const seen = name === 'idle' && value < 1000 ? 0 : value
    return isWatched && this.#isStuck(name, seen, limit) ? undefined : value
  }

  checkGpu({ celsius, watts, ...rest }: GpuReading): GpuReading {
    const live = (key: string, value: number): boolean =>
      !this.#isStuck(`${rest.id} ${key}`, value, sensorStuckMs)
    return {
      ...rest,
      ...(celsius !== undefined && live('celsius', celsius) ? { celsius } : {}),
      ...(watts !== undefined && live('watts', watts) ? { watts } : {})
    }
  }

  #isStuck(key: string, value: number, limitMs: number): boolean {
    const seen = this.#seen.get(key)
    if (seen?.value !== value) {
      this.#seen.set(key, { value, since: this.#now() })
      return false
    }
    return this.#now() - seen.since >= limitMs
  }
}

function idleLimit(idleMs: number): number {
  return idleMs < 1000 ? busyStuckMs : idleStuckMs
}
