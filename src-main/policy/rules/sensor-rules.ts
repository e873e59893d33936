import { signalNouns, type SignalName } from '#contract/signals.ts'
import type { Known, Rule } from '../known.ts'

/** What a limit of the person needs and nobody tells. A limit that cannot be watched cannot be kept. */
export const sensorRule: Rule = {
  reason: 'sensor-unknown',
  stops: ['compute'],
  ending: 'now',
  frees: false,
  afterMs: 0,
  holdMs: 10_000,
  isNoisy: true,
  test: (known) => {
    const missing = needs.find(
      ({ signal, isNeeded }) => isMissing(known, signal) && isNeeded(known)
    )
    if (missing !== undefined) return { sensor: signalNouns[missing.signal] }
    if (hasUnknownPower(known)) return { sensor: 'the graphics card’s power' }
    return hasUnknownTemperature(known) && known.settings.unknownTemperature === 'pause'
      ? { sensor: 'the temperature' }
      : undefined
  }
}

interface Need {
  readonly signal: SignalName
  readonly isNeeded: (known: Known) => boolean
}

const needs: readonly Need[] = [
  { signal: 'onBattery', isNeeded: ({ settings }) => settings.onBattery === 'pause' },
  {
    signal: 'batterySaver',
    // On mains power a saver is off, or does not matter.
    isNeeded: ({ settings, signals: { onBattery } }) =>
      settings.onBatterySaver === 'pause' && !(onBattery.kind === 'value' && !onBattery.value)
  },
  {
    signal: 'gpus',
    // Without one there is nothing to watch, one that is gone has its own reason, and one without readings counts as of unknown temperature.
    isNeeded: ({ signals: { gpus } }) =>
      gpus.kind === 'unavailable' && !['no-device', 'gone', 'unsupported'].includes(gpus.reason)
  },
  { signal: 'cpuByOthers', isNeeded: ({ settings }) => settings.yieldCpuPercent < 100 },
  { signal: 'memory', isNeeded: () => true },
  {
    signal: 'exclusivePrograms',
    isNeeded: ({ settings }) => settings.exclusivePrograms.trim() !== ''
  }
]

function isMissing({ signals }: Known, name: SignalName): boolean {
  return signals[name].kind === 'unavailable'
}

/** Whether there is a power ceiling for a card that does not tell what it draws. */
function hasUnknownPower({ settings, signals: { gpus } }: Known): boolean {
  const cards = gpus.kind === 'value' ? gpus.value : []
  return settings.gpuWatts > 0 && cards.some(({ watts }) => watts === undefined)
}

/** Whether a device that computes does not tell how warm it is: the graphics cards where there are any, else the processor. */
export function hasUnknownTemperature({ signals: { gpus, cpuCelsius } }: Known): boolean {
  if (gpus.kind === 'value' && gpus.value.length > 0) {
    return gpus.value.some(({ celsius }) => celsius === undefined)
  }
  const hasHiddenGpu = gpus.kind === 'unavailable' && gpus.reason === 'unsupported'
  return hasHiddenGpu || cpuCelsius.kind === 'unavailable'
}
