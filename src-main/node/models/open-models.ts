import type { Logger } from '#contract/log.ts'
import { SkeinError } from '#contract/errors.ts'
import type { NodeStatus } from '#contract/status.ts'
import { isOver } from '#contract/transfers.ts'
import type { SettingsStore } from '#settings/settings-store.ts'
import type { LocalModel } from '../local-models.ts'
import { ModelLibrary } from './model-library.ts'
import { StoreAccess } from './store-access.ts'
import { limitStore } from './store-limits.ts'
import { Transfers } from './transfers.ts'
import { useProxies } from './use-proxies.ts'

export interface ModelsOptions {
  readonly files: readonly LocalModel[]
  /** Of the weights store. */
  readonly folder: string
  readonly settings: SettingsStore
  /** Whether models may be shared now, as far as the person agreed to it. */
  readonly mayShare: () => boolean
  readonly log: Logger
  readonly onChange: () => void
}

/** The node's models: what is in files, in the weights store, and on its way. */
export interface Models {
  readonly library: ModelLibrary
  readonly access: StoreAccess
  readonly transfers: Transfers
  /** Resolves when the store is open, or cannot be. */
  readonly opened: Promise<void>
  /** To be called when what may be shared has changed. */
  readonly limit: () => void
  readonly status: () => NodeStatus['weights']
}

/** Begins to open the store; the model that comes with Skein waits for nothing. What is opened, `closers` closes. */
export function openModels(options: ModelsOptions, closers: AsyncDisposableStack): Models {
  const { files, folder, settings, mayShare, log, onChange } = options
  closers.defer(useProxies(process.env))
  const access = new StoreAccess({
    folder,
    log,
    onChange,
    onOpen: (store) => {
      limitStore(store, settings.current, mayShare())
      // Here, so that nobody finds the store without what is on its way into it.
      transfers.takeUp(true)
      library.refresh().catch((thrown: unknown) => tell(thrown))
    }
  })
  closers.defer(() => access.close())
  const transfers: Transfers = new Transfers({
    access,
    log,
    onChange,
    onModel: () => library.refresh()
  })
  closers.defer(() => transfers.close())
  const library: ModelLibrary = new ModelLibrary({ files, access, transfers, onChange })
  const limit = (): void => {
    if (access.store !== undefined) limitStore(access.store, settings.current, mayShare())
  }
  closers.defer(settings.onChange(limit))
  return { library, access, transfers, opened: open(), limit, status }

  async function open(): Promise<void> {
    try {
      await access.require()
      await library.refresh()
    } catch (thrown) {
      tell(thrown)
    }
  }

  function tell(thrown: unknown): void {
    const { code, detail } = SkeinError.from(thrown)
    if (code !== 'cancelled') log.error('the weights store cannot be used', { code, detail })
  }

  function status(): NodeStatus['weights'] {
    const { error, store } = access
    return {
      ...(error === undefined ? {} : { error: error.toValue() }),
      ...(store === undefined ? {} : { usage: store.usage() }),
      seeding: settings.current.seeding,
      transfers: transfers.list().filter((transfer) => !isOver(transfer))
    }
  }
}
