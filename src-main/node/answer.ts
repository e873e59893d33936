import type { Answer } from '#chat/chat.ts'
import { generate, type GenerateDeps } from '#session/generate.ts'
import { AnswerQueue } from './answer-queue.ts'

/** Answers through the swarm: once `ready` resolves, and when a place is free. Throws what `ready` throws. */
export function createAnswer(deps: GenerateDeps, ready: Promise<unknown>): Answer {
  const queue = new AnswerQueue()
  return async function* (model, request, signal) {
    await ready
    yield* queue.run(() => generate(model, request, deps, signal), signal)
  }
}
