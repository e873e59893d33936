import type { Rule } from '../known.ts'

const power = {
  stops: ['compute', 'transfer'],
  ending: 'now',
  frees: false,
  afterMs: 0,
  isNoisy: true
} as const

/** Where the power comes from. */
export const powerRules: readonly Rule[] = [
  {
    ...power,
    reason: 'on-battery',
    // A plug that is being wriggled in is not in.
    holdMs: 60_000,
    test: ({ settings, signals: { onBattery } }) =>
      settings.onBattery === 'pause' && onBattery.kind === 'value' && onBattery.value
        ? {}
        : undefined
  },
  {
    ...power,
    reason: 'battery-saver',
    holdMs: 30_000,
    test: ({ settings, signals: { batterySaver } }) =>
      settings.onBatterySaver === 'pause' && batterySaver.kind === 'value' && batterySaver.value
        ? {}
        : undefined
  }
]
