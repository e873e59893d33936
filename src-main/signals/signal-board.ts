import type { Signals, SignalName, SignalValues, UnavailableReason } from '#contract/signals.ts'
import { believable } from './plausible.ts'
import { realClock, SignalReader, type ReaderClock } from './signal-reader.ts'
import type { SignalSources } from './signal-source.ts'
import { StuckWatch } from './stuck-watch.ts'

type Readers = { readonly [Name in SignalName]: SignalReader<Name> }

/** All signals of this computer, kept up to date. */
export class SignalBoard {
  readonly #readers: Readers
  readonly #listeners = new Set<() => void>()

  constructor(sources: SignalSources, clock: ReaderClock = realClock) {
    const watch = new StuckWatch(() => clock.now())
    const onChange = (): void => {
      for (const listener of this.#listeners) listener()
    }
    const reader = <Name extends SignalName>(name: Name): SignalReader<Name> => {
      const believe: (value: SignalValues[Name]) => SignalValues[Name] | undefined =
        believable[name]
      const check = (value: SignalValues[Name]): SignalValues[Name] | UnavailableReason => {
        const believed = believe(value)
        if (believed === undefined) return 'implausible'
        return watch.check(name, believed) ?? 'stuck'
      }
      return new SignalReader<Name>(sources[name], { check, clock, onChange })
    }
    this.#readers = {
      idle: reader('idle'),
      locked: reader('locked'),
      onBattery: reader('onBattery'),
      batterySaver: reader('batterySaver'),
      cpuByOthers: reader('cpuByOthers'),
      memory: reader('memory'),
      gpus: new SignalReader(sources.gpus, {
        check: (gpus) => believable.gpus(gpus)?.map((gpu) => watch.checkGpu(gpu)) ?? 'implausible',
        clock,
        onChange
      }),
      cpuCelsius: reader('cpuCelsius'),
      thermalState: reader('thermalState'),
      fullScreen: reader('fullScreen'),
      exclusivePrograms: reader('exclusivePrograms'),
      metered: reader('metered'),
      traffic: reader('traffic')
    }
  }

  start(): void {
    for (const reader of Object.values(this.#readers)) reader.start()
  }

  current(): Signals {
    const readers = this.#readers
    return {
      idle: readers.idle.current(),
      locked: readers.locked.current(),
      onBattery: readers.onBattery.current(),
      batterySaver: readers.batterySaver.current(),
      cpuByOthers: readers.cpuByOthers.current(),
      memory: readers.memory.current(),
      gpus: readers.gpus.current(),
      cpuCelsius: readers.cpuCelsius.current(),
      thermalState: readers.thermalState.current(),
      fullScreen: readers.fullScreen.current(),
      exclusivePrograms: readers.exclusivePrograms.current(),
      metered: readers.metered.current(),
      traffic: readers.traffic.current()
    }
  }

  /** Called whenever something was read. Returns what ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  close(): void {
    this.#listeners.clear()
    for (const reader of Object.values(this.#readers)) reader.close()
  }
}
