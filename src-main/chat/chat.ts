import type { GenerateEvent, GenerateRequest } from '#contract/chat.ts'
import { SkeinError } from '#contract/errors.ts'
import type { ModelInfo } from '#contract/model.ts'
import { findModel, nameModels, type ChatModel } from './chat-model.ts'

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
  /** By key, alias or name; the default model when no name is given. Throws `model-unknown`. */
  find(name: string | undefined): ChatModel
  /**
   * Ends with exactly one `end` event once it has begun. Throws before that: `model-unknown`, `prompt-empty`,
   * `prompt-too-long`, `no-chain`, ... The messages reach the model's own template as they are: no system prompt of
   * ours is slipped in.
   */
  generate(request: GenerateRequest, signal: AbortSignal): AsyncIterable<GenerateEvent>
}

export function createChat(models: () => readonly ModelInfo[], answer: Answer): Chat {
  const named = (): readonly ChatModel[] => nameModels(models())
  return {
    models: named,
    find: (name) => findModel(named(), name),
    async *generate(request, signal) {
      if (isEmpty(request.prompt)) throw new SkeinError('prompt-empty')
      yield* answer(findModel(named(), request.model).info, request, signal)
    }
  }
}

function isEmpty(prompt: GenerateRequest['prompt']): boolean {
  return prompt.kind === 'text'
    ? prompt.text === ''
    : prompt.messages.every((message) => message.content.trim() === '')
}
