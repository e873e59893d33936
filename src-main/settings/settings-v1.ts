import { z } from 'zod'
import { settingsSchema, type Settings } from '#contract/settings.ts'

/**
 * The settings file, version 1. A key is added with a default, so that an older file of the same version stays valid.
 * Before a key changes its meaning, this file gets its own copy of the schema and version 2 begins.
 */
export const settingsFileV1Schema = settingsSchema.extend({ version: z.literal(1) })

export type SettingsFileV1 = z.infer<typeof settingsFileV1Schema>

export function settingsOfFile(file: SettingsFileV1): Settings {
  const { lending, seeding, apiPort, threads, contextTokens } = file
  const { uploadKilobytesPerSecond, uploadGigabytesPerMonth, downloadKilobytesPerSecond } = file
  const rates = { uploadKilobytesPerSecond, uploadGigabytesPerMonth, downloadKilobytesPerSecond }
  return { lending, seeding, ...rates, apiPort, threads, contextTokens }
}
