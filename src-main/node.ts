import DHT from 'hyperdht'
import type { ApiServer } from '#api/api-server.ts'
import type { Chat } from '#chat/chat.ts'
import type { ControlApi } from '#contract/control.ts'
import { SkeinError } from '#contract/errors.ts'
import type { Logger } from '#contract/log.ts'
import type { NodeStatus } from '#contract/status.ts'
import { NetworkTopics } from '#swarm/network-topics.ts'
import type { Swarm } from '#swarm/swarm.ts'
import { openLocalModel, type LocalModel } from './node/local-models.ts'
import { createModelHandlers } from './node/models/model-handlers.ts'
import { openModels } from './node/models/open-models.ts'
import { createNodeControl } from './node/node-control.ts'
import type { NodeOptions } from './node/node-options.ts'
import { openHome } from './node/open-home.ts'
import { serve } from './node/serve.ts'
import { startChat } from './node/start-chat.ts'
import { carefreeGuest, startGuest, type Guest } from './node/start-guest.ts'
import { startHosting } from './node/start-hosting.ts'
import { startPeer } from './node/start-peer.ts'
import { StatusBoard } from './node/status-board.ts'
import { version } from './version.ts'

export type { NodeNetwork, NodeOptions } from './node/node-options.ts'

/** One running Skein. */
export interface SkeinNode {
  readonly control: ControlApi
  readonly chat: Chat
  readonly swarm: Swarm
  readonly log: Logger
  /** The loopback server, where one was asked for. */
  readonly api: ApiServer | undefined
  /** Resolves when this PC's stage is loaded and the network is joined; throws why not. */
  readonly ready: Promise<void>
  /** Where the old settings were put, when they could not be used. */
  readonly settingsSetAside: string | undefined
  /** Ends everything: no process and no port is left. */
  readonly close: () => Promise<void>
}

/**
 * Puts a node together and starts it. Its server answers at once; the model loads meanwhile, and questions wait for it.
 * Nothing is lent, and no network is joined, unless the options and the settings say so. Throws `SkeinError`, with
 * nothing left behind.
 */
export async function createNode(options: NodeOptions): Promise<SkeinNode> {
  const closers = new AsyncDisposableStack()
  try {
    return await compose(options, closers)
  } catch (thrown) {
    await closers.disposeAsync()
    throw thrown
  }
}

async function compose(options: NodeOptions, closers: AsyncDisposableStack): Promise<SkeinNode> {
  const { homeFolder, entries, modelFiles, network } = options
  const { home, log, settings, identitySeed } = openHome(homeFolder, closers)
  const stageFolder = options.stageFolder ?? home.stageFolder
  const [model, ...others] = await openFiles(modelFiles, stageFolder)
  // Nothing is lent, and nothing shared, before it is there.
  let guest: Guest | undefined = undefined
  const board = new StatusBoard(readStatus)
  const onChange = (): void => board.changed()
  const models = openModels(
    {
      files: [model, ...others],
      folder: home.weightsFolder,
      settings,
      mayShare: () => guest?.mayShare() ?? false,
      log,
      onChange
    },
    closers
  )
  const { swarm, host, announce, device } = startPeer(
    {
      keyPair: DHT.keyPair(identitySeed),
      stageFolder,
      engineEntry: entries.engine,
      isLending: () => guest?.isLending() ?? false,
      onConnection: (stream) => {
        guest?.attach(stream)
        models.access.attach(stream)
      },
      preparing: () =>
        hosting.stages().filter(({ state }) => state === 'preparing' || state === 'loading'),
      log,
      ...(network?.membershipKey === undefined ? {} : { membershipKey: network.membershipKey }),
      ...network?.address
    },
    closers
  )
  const { hosting, stages, first, forget } = startHosting(
    options,
    { models, host, swarm, settings, stageFolder, onChange: onHosting, log },
    closers
  )
  guest =
    options.isGuest === false
      ? carefreeGuest(settings)
      : startGuest(
          {
            ...{ settings, host, hosting, device, log },
            ledgerFile: home.ledgerFile,
            signals: options.signals,
            onChange: onGuest
          },
          closers
        )
  models.limit()
  // Whoever connects earlier would find no store.
  const joined = models.opened.then(async () => {
    if (network === undefined) return
    await swarm.join(network.topic)
    models.access.discoverBy(new NetworkTopics(swarm, network.topic))
  })
  const { chat, warm } = startChat(
    options,
    { library: models.library, hosting, swarm, joined, stageFolder, log },
    closers
  )
  const warmed = options.isAsked === false ? undefined : warm(model.info.key)
  const ready = Promise.all([first(model, joined), warmed, joined]).then(() => undefined)
  // Whoever asks hears of it; without a listener it would end the process.
  ready.catch((thrown: unknown) => {
    const { code, message } = SkeinError.from(thrown)
    if (code !== 'cancelled') log.error('this PC’s stage is not ready', { code, why: message })
  })
  swarm.onChange(onChange)
  settings.onChange(() => {
    announce()
    onChange()
  })
  const handlers = createModelHandlers({
    access: models.access,
    transfers: models.transfers,
    isNetworked: network !== undefined,
    onModel: () => models.library.refresh(),
    onRemoved: forget
  })
  const control = createNodeControl(chat, settings, board, handlers, stages)
  const { pageFolder, port = settings.current.apiPort } = options.api ?? {}
  const api =
    pageFolder === undefined
      ? undefined
      : await serve({ chat, control, pageFolder, port, log }, home.controlFile, closers)
  log.info('the node is up', { version, peer: swarm.self, model: model.info.name })
  const settingsSetAside = settings.setAside
  const close = (): Promise<void> => closers.disposeAsync()
  return { control, chat, swarm, log, api, ready, settingsSetAside, close }

  function onGuest(): void {
    models.limit()
    announce()
    onChange()
  }

  function onHosting(): void {
    announce()
    onChange()
  }

  function readStatus(): NodeStatus {
    const infos = models.library.infos()
    const lending = guest?.status()
    return {
      version,
      peer: swarm.self,
      lending: settings.current.lending,
      ...(lending === undefined ? {} : { guest: lending }),
      connectedPeers: swarm.connected().length,
      network: network === undefined ? 'none' : 'private',
      models: [...infos],
      defaultModel: infos[0]?.key ?? model.info.key,
      builtInModel: model.info.key,
      stages: hosting.stages(),
      weights: models.status(),
      device: device()
    }
  }
}

/** Throws what reading them throws. */
async function openFiles(
  [first, ...rest]: NodeOptions['modelFiles'],
  keysFolder: string
): Promise<[LocalModel, ...LocalModel[]]> {
  const open = (file: string): Promise<LocalModel> => openLocalModel(file, keysFolder)
  return [await open(first), ...(await Promise.all(rest.map(open)))]
}
