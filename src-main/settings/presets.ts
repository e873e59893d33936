import type { PresetName } from '#contract/lending-settings.ts'
import type { Settings } from '#contract/settings.ts'

/** The settings that a preset decides; the others are the person's whatever the preset. */
type PresetSettings = Pick<
  Settings,
  | 'idleMinutes'
  | 'whenInUse'
  | 'inUsePercent'
  | 'computePercent'
  | 'yieldCpuPercent'
  | 'computeSchedule'
>

/** `custom` is whatever the person made of them. */
const presets: { readonly [Name in Exclude<PresetName, 'custom'>]: PresetSettings } = {
  /** Nobody at this computer should ever notice. */
  invisible: {
    idleMinutes: 15,
    whenInUse: 'pause',
    inUsePercent: 20,
    computePercent: 50,
    yieldCpuPercent: 25,
    computeSchedule: 'always'
  },
  balanced: {
    idleMinutes: 5,
    whenInUse: 'pause',
    inUsePercent: 20,
    computePercent: 100,
    yieldCpuPercent: 50,
    computeSchedule: 'always'
  },
  'at-night': {
    idleMinutes: 5,
    whenInUse: 'pause',
    inUsePercent: 20,
    computePercent: 100,
    yieldCpuPercent: 50,
    computeSchedule: '23:00-07:00'
  }
}

/** Settings after one of them was changed. A preset brings its own; one of them changed by itself makes it `custom`. */
export function changedSettings(before: Settings, changed: Settings): Settings {
  if (changed.preset !== before.preset) {
    return changed.preset === 'custom' ? changed : { ...changed, ...presets[changed.preset] }
  }
  if (changed.preset === 'custom') return changed
  const fits = Object.entries(presets[changed.preset]).every(
    ([name, value]) => new Map(Object.entries(changed)).get(name) === value
  )
  return fits ? changed : { ...changed, preset: 'custom' }
}
