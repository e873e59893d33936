import type { GenerateEvent, GenerateRequest } from '#contract/chat.ts'
import { SkeinError } from '#contract/errors.ts'
import type { ModelInfo } from '#contract/model.ts'
import {
  findModel,
  keysIn,
  nameModels,
  searchModels,
  type ChatModel,
  type ModelKeys
} from './chat-model.ts'

/** Answers a request with one model, by whatever chain serves it. */
export type Answer = (
  model: ModelInfo,
  request: GenerateRequest,
  signal: AbortSignal
) => AsyncIterable<GenerateEvent>

/** What page, API and command line talk to. */
export interface Chat {
  /** The default model first. */
  models(): readonly ChatModel[]
  /**
   * By key, alias or name; the default model when no name is given. Of a model that others host, its key is enough, and that of the adapter on it. Throws
   * `model-unknown`, or what getting to know it throws.
   */
  find(name: string | undefined, signal: AbortSignal): Promise<ChatModel>
  /**
   * Ends with exactly one `end` event once it has begun. Throws before that: `model-unknown`, `prompt-empty`,
   * `prompt-too-long`, `no-chain`, ... The messages reach the model's own template as they are: no system prompt of
   * ours is slipped in.
   */
  generate(request: GenerateRequest, signal: AbortSignal): AsyncIterable<GenerateEvent>
}

/** Where a model may come from that is not among the known ones. */
export interface MoreModels {
  /** Resolves when all models of this computer are among the known ones. */
  readonly ready: () => Promise<unknown>
  /** Gets to know a model, or a model with an adapter on it, that others host and of which only the keys are known here. */
  readonly learn: (keys: ModelKeys, signal: AbortSignal) => Promise<unknown>
}

export function createChat(
  models: () => readonly ModelInfo[],
  answer: Answer,
  more?: MoreModels
): Chat {
  const named = (): readonly ChatModel[] => nameModels(models())
  const find: Chat['find'] = async (name, signal) => {
    const isKnown = (): boolean => name === undefined || searchModels(named(), name) !== undefined
    if (!isKnown()) await more?.ready()
    const keys = isKnown() ? undefined : keysIn(name ?? '')
    if (keys !== undefined) await more?.learn(keys, signal)
    return findModel(named(), name)
  }
  return {
    models: named,
    find,
    async *generate(request, signal) {
      if (isEmpty(request.prompt)) throw new SkeinError('prompt-empty')
      const { info } = await find(request.model, signal)
      yield* answer(info, request, signal)
    }
  }
}

function isEmpty(prompt: GenerateRequest['prompt']): boolean {
  switch (prompt.kind) {
    case 'text':
      return prompt.text === ''
    case 'chat':
      return prompt.messages.every((message) => message.content.trim() === '')
    case 'resume':
      return false
  }
}
