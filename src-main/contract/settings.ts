import { z } from 'zod'
import { lendingSettings } from './lending-settings.ts'

/** What the person decides. */
export const settingsSchema = z.strictObject({
  /** Whether strangers may use this PC. Off until the person said yes. */
  lending: z.boolean().default(false),
  /** Whether peers may have models that were added to this PC or fetched. Off until the person said yes. */
  seeding: z.boolean().default(false),
  /** Most that models take of the uplink; 0 sets no limit. 1000 kB/s are 8 Mbit/s. */
  uploadKilobytesPerSecond: z.int().min(0).max(10_000_000).default(1000),
  /** Most that models take of the uplink in a calendar month (UTC); 0 sets no limit. */
  uploadGigabytesPerMonth: z.int().min(0).max(1_000_000).default(100),
  /** Most that models take of the downlink; 0 sets no limit. */
  downloadKilobytesPerSecond: z.int().min(0).max(10_000_000).default(0),
  /** Most disk that models take which came from peers or the web; 0 sets no limit. Nothing is deleted to keep to it: more is refused. */
  modelDiskGigabytes: z.number().min(0).max(1_000_000).default(0),
  /** The loopback port of the page and the API; 0 takes any free one. */
  apiPort: z.int().min(0).max(65_535).default(0),
  /** CPU threads that the engine uses; 0 lets Skein choose by the model's size. */
  threads: z.int().min(0).max(1024).default(0),
  /** KV cells of a model that is loaded whole on this PC: the length of all its conversations together. */
  contextTokens: z.int().min(256).max(1_048_576).default(8192),
  ...lendingSettings
})
export type Settings = Readonly<z.infer<typeof settingsSchema>>

export const settingNameSchema = z.keyof(settingsSchema)
export type SettingName = z.infer<typeof settingNameSchema>
export const settingNames: readonly SettingName[] = settingNameSchema.options
