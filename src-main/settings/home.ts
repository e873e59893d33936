import { mkdirSync } from 'node:fs'
import path from 'node:path'
import envPaths from 'env-paths'
import { SkeinError } from '#contract/errors.ts'

/** Where a node keeps what it must remember. Everything lies in one folder, so that it can be moved or deleted whole. */
export interface Home {
  readonly folder: string
  readonly settingsFile: string
  readonly identityFile: string
  readonly controlFile: string
  readonly lockFile: string
  readonly logFolder: string
  /** What lending took this month. */
  readonly ledgerFile: string
  /** Carved ranges and other files that can be made again. */
  readonly stageFolder: string
  /** The weights store; it has a lock of its own. */
  readonly weightsFolder: string
}

/** `SKEIN_HOME`, or the place that the operating system gives to an application's data. */
export function defaultHomeFolder(env: NodeJS.ProcessEnv): string {
  const chosen = env['SKEIN_HOME']
  return chosen === undefined || chosen === ''
    ? envPaths('Skein', { suffix: '' }).data
    : path.resolve(chosen)
}

export function homeAt(folder: string): Home {
  const inside = (name: string): string => path.join(folder, name)
  return {
    folder,
    settingsFile: inside('settings.json'),
    identityFile: inside('identity.json'),
    controlFile: inside('control.json'),
    lockFile: inside('lock'),
    logFolder: inside('logs'),
    ledgerFile: inside('ledger.json'),
    stageFolder: inside('stages'),
    weightsFolder: inside('weights')
  }
}

/** Makes the folder, closed to other users. Throws `home-not-writable`. */
export function createHome(home: Home): void {
  try {
    mkdirSync(home.folder, { recursive: true, mode: 0o700 })
    mkdirSync(home.logFolder, { recursive: true })
    mkdirSync(home.stageFolder, { recursive: true })
  } catch (thrown) {
    throw SkeinError.from(thrown, 'home-not-writable')
  }
}
