import { z } from 'zod'
import { settingsSchema, type Settings } from '#contract/settings.ts'

/**
 * The settings file, version 2: with the limits to lending. A key is added with a default, so that an older file of the same version stays
 * valid. Before a key changes its meaning, this file gets its own copy of the schema and version 3 begins.
 */
export const settingsFileV2Schema = settingsSchema.extend({ version: z.literal(2) })

type SettingsFileV2 = z.infer<typeof settingsFileV2Schema>

export function settingsOfFile({ version: _version, ...settings }: SettingsFileV2): Settings {
  return settings
}

export function fileOfSettings(settings: Settings): SettingsFileV2 {
  return { version: 2, ...settings }
}
