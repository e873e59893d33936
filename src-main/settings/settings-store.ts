import { existsSync, renameSync } from 'node:fs'
import { SkeinError } from '#contract/errors.ts'
import { settingsSchema, type SettingName, type Settings } from '#contract/settings.ts'
import { changedSettings } from './presets.ts'
import { readSettings } from './read-settings.ts'
import { fileOfSettings } from './settings-v2.ts'
import { writeFileWhole } from './write-file.ts'

export interface SettingsStore {
  readonly current: Settings
  /** Where the old file was put, when it could not be used: the defaults hold instead. */
  readonly setAside: string | undefined
  /** Stores the change, then tells the listeners. Throws `invalid-input`, `home-not-writable`. */
  set(name: SettingName, value: unknown): Settings
  onChange(listener: (settings: Settings) => void): () => void
}

/** Reads the settings; a file that is damaged, half written or of a newer version is put aside, never overwritten. */
export function openSettings(file: string, now: () => number = Date.now): SettingsStore {
  const listeners = new Set<(settings: Settings) => void>()
  const stored = readSettings(file)
  let current = stored ?? settingsSchema.parse({})
  let setAside: string | undefined
  if (stored === undefined && existsSync(file)) {
    setAside = `${file}.${now()}.unusable`
    renameSync(file, setAside)
  }
  return {
    get current() {
      return current
    },
    setAside,
    set(name, value) {
      const parsed = settingsSchema.safeParse({ ...current, [name]: value })
      if (!parsed.success) {
        throw new SkeinError('invalid-input', `${name}: ${parsed.error.issues[0]?.message ?? ''}`)
      }
      const changed = changedSettings(current, parsed.data)
      writeFileWhole(file, JSON.stringify(fileOfSettings(changed), null, 2) + '\n')
      current = changed
      for (const listener of listeners) listener(current)
      return current
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    }
  }
}
