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

/** Gets to know a model, or a model with an adapter on it, of which only the keys are known here, so that it is among the models then. */
export type LearnModel = (keys: ModelKeys, signal: AbortSignal) => Promise<unknown>

/** `learn`: of models that others host; without it, what is not here is unknown. */
export function createChat(
  models: () => readonly ModelInfo[],
  answer: Answer,
  learn?: LearnModel
): Chat {
  const named = (): readonly ChatModel[] => nameModels(models())
  const find: Chat['find'] = async (name, signal) => {
    const isNew = name !== undefined && searchModels(named(), name) === undefined
    const keys = isNew ? keysIn(name) : undefined
    if (keys !== undefined) await learn?.(keys, signal)
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
