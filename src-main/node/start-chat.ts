import { createChat, type Chat } from '#chat/chat.ts'
import type { ModelKeys } from '#chat/chat-model.ts'
import type { Logger } from '#contract/log.ts'
import type { ModelKey } from '#contract/model.ts'
import { ChatTemplateRenderer } from '#model/chat-template.ts'
import type { Swarm } from '#swarm/swarm.ts'
import { createAnswer } from './answer.ts'
import type { Hosting } from './hosting.ts'
import { keepHome } from './keep-home.ts'
import type { ModelLibrary } from './models/model-library.ts'
import { Vocabularies } from './models/vocabularies.ts'
import type { NodeOptions } from './node-options.ts'

export interface ChatParts {
  readonly library: ModelLibrary
  readonly hosting: Hosting
  readonly swarm: Swarm
  readonly joined: Promise<unknown>
  /** Where carved files are kept. */
  readonly stageFolder: string
  readonly log: Logger
}

export interface NodeChat {
  readonly chat: Chat
  /** Loads a model's vocabulary before anybody asks. */
  readonly warm: (key: ModelKey) => Promise<unknown>
}

/** Answers with every model that is known here, and with those that others host, of which the key is enough. */
export function startChat(
  { entries }: Pick<NodeOptions, 'entries'>,
  { library, hosting, swarm, joined, stageFolder, log }: ChatParts,
  closers: AsyncDisposableStack
): NodeChat {
  const vocabularies = new Vocabularies({
    entry: entries.engine,
    folder: stageFolder,
    openHeader: (key) => library.openHeader(key),
    log
  })
  closers.defer(() => vocabularies.close())
  const templates = new ChatTemplateRenderer(entries.templateWorker)
  closers.defer(() => templates.close())
  const answer = createAnswer({
    network: swarm,
    directory: keepHome(swarm),
    vocabulary: ({ key }) => vocabularies.of(key),
    renderChat: (template, input) => templates.render(template, input),
    hosting,
    joined
  })
  const learn = async (keys: ModelKeys, signal: AbortSignal): Promise<void> => {
    const { key, adapter } = keys
    const isHosted = swarm
      .stages()
      .some(({ offer }) => offer.model === key && offer.adapter === adapter)
    if (isHosted) await library.learn(keys, signal)
  }
  // Without its store, Skein still knows the models that it was started with.
  const ready = (): Promise<void> => library.ready().catch(() => undefined)
  const chat = createChat(() => library.infos(), answer, { ready, learn })
  return { chat, warm: (key) => vocabularies.of(key) }
}
