import { z } from 'zod'

/**
 * The settings file, version 1, as it was: before there were limits to lending. Never changed again; files of it are migrated when they
 * are read.
 */
export const settingsFileV1Schema = z.strictObject({
  version: z.literal(1),
  lending: z.boolean().default(false),
  seeding: z.boolean().default(false),
  uploadKilobytesPerSecond: z.int().min(0).max(10_000_000).default(1000),
  uploadGigabytesPerMonth: z.int().min(0).max(1_000_000).default(100),
  downloadKilobytesPerSecond: z.int().min(0).max(10_000_000).default(0),
  apiPort: z.int().min(0).max(65_535).default(0),
  threads: z.int().min(0).max(1024).default(0),
  contextTokens: z.int().min(256).max(1_048_576).default(8192)
})

type SettingsFileV1 = z.infer<typeof settingsFileV1Schema>

/** What it says, as a file of version 2 before its defaults are filled in. */
export function migrateV1({ version: _version, ...kept }: SettingsFileV1): object {
  return { version: 2, ...kept }
}
