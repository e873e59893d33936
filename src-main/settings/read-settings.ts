import { readFileSync } from 'node:fs'
import type { Settings } from '#contract/settings.ts'
import { migrateV1, settingsFileV1Schema } from './settings-v1.ts'
import { settingsFileV2Schema, settingsOfFile } from './settings-v2.ts'

/** Of this version or an older one. `undefined` when there is no file, or none that this version can use. */
export function readSettings(file: string): Settings | undefined {
  try {
    const contents: unknown = JSON.parse(readFileSync(file, 'utf8'))
    const first = settingsFileV1Schema.safeParse(contents)
    return settingsOfFile(
      settingsFileV2Schema.parse(first.success ? migrateV1(first.data) : contents)
    )
  } catch {
    return undefined
  }
}
