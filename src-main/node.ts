import DHT from 'hyperdht'
import type { ApiServer } from '#api/api-server.ts'
import { createChat, type Chat } from '#chat/chat.ts'
import type { ControlApi } from '#contract/control.ts'
import { SkeinError } from '#contract/errors.ts'
import type { Logger } from '#contract/log.ts'
import { ChatTemplateRenderer } from '#model/chat-template.ts'
import type { Swarm } from '#swarm/swarm.ts'
import { createAnswer } from './node/answer.ts'
import { LocalModels, openLocalModel, type LocalModel } from './node/local-models.ts'
import { createNodeControl } from './node/node-control.ts'
import type { NodeOptions } from './node/node-options.ts'
import { openHome } from './node/open-home.ts'
import { planStage } from './node/plan-stage.ts'
import { serve } from './node/serve.ts'
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
  const { homeFolder, entries, modelFiles, range, resources, network } = options
  const { home, log, settings, identitySeed } = openHome(homeFolder, closers)
  const [modelFile, ...otherFiles] = modelFiles
  const stageFolder = options.stageFolder ?? home.stageFolder
  const open = (file: string): Promise<LocalModel> => openLocalModel(file, stageFolder)
  const model = await open(modelFile)
  const others = await Promise.all(otherFiles.map(open))
  const models = new LocalModels([model, ...others], entries.engine, stageFolder, log)
  closers.defer(() => models.close())
  const templates = new ChatTemplateRenderer(entries.templateWorker)
  closers.defer(() => templates.close())

  const { swarm, host, announce, device } = startPeer(
    {
      keyPair: DHT.keyPair(identitySeed),
      stageFolder,
      engineEntry: entries.engine,
      isLending: () => settings.current.lending,
      log,
      ...(network === undefined ? {} : network.address)
    },
    closers
  )
  const loaded = Promise.all([
    range === null ? undefined : host.take(planStage(model, range, settings.current, resources)),
    options.isAsked === false ? undefined : models.vocabulary(model.info.key)
  ])
  const joined = network === undefined ? undefined : swarm.join(network.topic)
  const ready = Promise.all([loaded, joined]).then(() => undefined)
  // Whoever asks hears of it; without a listener it would end the process.
  ready.catch((thrown: unknown) => {
    const { code, message } = SkeinError.from(thrown)
    if (code !== 'cancelled') log.error('this PC’s stage is not ready', { code, why: message })
  })

  const answer = createAnswer(
    {
      network: swarm,
      directory: swarm,
      vocabulary: ({ key }) => models.vocabulary(key),
      renderChat: (template, input) => templates.render(template, input)
    },
    // A model that is whole on this PC needs nobody else.
    range === undefined ? loaded : ready
  )
  const chat = createChat(() => models.infos(), answer)
  const status = new StatusBoard(() => ({
    version,
    peer: swarm.self,
    lending: settings.current.lending,
    connectedPeers: swarm.connected().length,
    network: network === undefined ? 'none' : 'private',
    models: [...models.infos()],
    defaultModel: model.info.key,
    stages: host.status(),
    device: device()
  }))
  swarm.onChange(() => status.changed())
  settings.onChange(() => {
    announce()
    status.changed()
  })
  const control = createNodeControl(chat, settings, status)
  const { pageFolder, port = settings.current.apiPort } = options.api ?? {}
  const api =
    pageFolder === undefined
      ? undefined
      : await serve({ chat, control, pageFolder, port, log }, home.controlFile, closers)
  log.info('the node is up', { version, peer: swarm.self, model: model.info.name })
  const settingsSetAside = settings.setAside
  const close = (): Promise<void> => closers.disposeAsync()
  return { control, chat, swarm, log, api, ready, settingsSetAside, close }
}
