import type { Logger } from '#contract/log.ts'
import { openFileLogger } from '#log/file-logger.ts'
import { createHome, homeAt, type Home } from '#settings/home.ts'
import { lockHome } from '#settings/home-lock.ts'
import { loadIdentitySeed } from '#settings/identity.ts'
import { openSettings, type SettingsStore } from '#settings/settings-store.ts'

/** A data folder that belongs to this process until it is closed. */
export interface OpenedHome {
  readonly home: Home
  readonly log: Logger
  readonly settings: SettingsStore
  /** Seed of the peer's key pair. */
  readonly identitySeed: Uint8Array
}

/** Throws `home-in-use`, `home-not-writable`, `identity-unreadable`. What it opens, `closers` closes. */
export function openHome(folder: string, closers: AsyncDisposableStack): OpenedHome {
  const home = homeAt(folder)
  createHome(home)
  const lock = lockHome(home.lockFile)
  closers.defer(() => lock.release())
  const log = openFileLogger({ folder: home.logFolder, level: 'info' })
  closers.defer(() => log.close())
  const settings = openSettings(home.settingsFile)
  if (settings.setAside !== undefined) {
    log.warn('the settings file could not be used', { keptAs: settings.setAside })
  }
  return { home, log, settings, identitySeed: loadIdentitySeed(home.identityFile) }
}
