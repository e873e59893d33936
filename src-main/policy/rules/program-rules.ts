import type { Rule } from '../known.ts'

/** What others may use of a GPU unnoticed: a desktop that is drawn, a film that is decoded. */
const gpuWanted = 0.3
const gpuFree = 0.1
/** The processor is free when others use this much less than the person's limit, so that it is not free and wanted in turn. */
const cpuMargin = 0.1

const program = { ending: 'now', frees: true, isNoisy: true } as const

/** Other programs of the person. */
export const programRules: readonly Rule[] = [
  {
    ...program,
    reason: 'full-screen',
    stops: ['compute', 'transfer'],
    afterMs: 0,
    holdMs: 30_000,
    // Not known is common, and no reason to wait: whoever plays or watches uses input or the graphics card.
    test: ({ settings, signals: { fullScreen } }) =>
      settings.onFullScreen === 'pause' && fullScreen.kind === 'value' && fullScreen.value
        ? {}
        : undefined
  },
  {
    ...program,
    reason: 'exclusive-program',
    stops: ['compute', 'transfer'],
    afterMs: 0,
    holdMs: 15_000,
    test: ({ signals: { exclusivePrograms: programs } }) => {
      const [name] = programs.kind === 'value' ? programs.value : []
      return name === undefined ? undefined : { program: name }
    }
  },
  {
    ...program,
    reason: 'gpu-wanted',
    stops: ['compute'],
    afterMs: 5000,
    holdMs: 60_000,
    test: ({ settings, signals: { gpus } }, _now, held) => {
      if (!settings.yieldGpu || gpus.kind === 'unavailable') return undefined
      const most = Math.max(0, ...gpus.value.map(({ useByOthers = 0 }) => useByOthers))
      return most > (held === undefined ? gpuWanted : gpuFree) ? {} : undefined
    }
  },
  {
    ...program,
    reason: 'cpu-wanted',
    stops: ['compute'],
    frees: false,
    afterMs: 10_000,
    holdMs: 60_000,
    test: ({ settings: { yieldCpuPercent: percent }, signals: { cpuByOthers } }, _now, held) => {
      if (percent === 100 || cpuByOthers.kind === 'unavailable') return undefined
      const limit = percent / 100
      const free = Math.max(limit - cpuMargin, limit / 2)
      const isWanted = cpuByOthers.value > (held === undefined ? limit : free)
      return isWanted ? { percent: Math.round(free * 100) } : undefined
    }
  }
]
