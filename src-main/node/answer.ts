import type { Answer } from '#chat/chat.ts'
import { generate, type GenerateDeps } from '#session/generate.ts'
import { AnswerQueue } from './answer-queue.ts'

/** Answers through the swarm: once this PC's own stage is loaded, and when a place is free. */
export function createAnswer(deps: GenerateDeps, ready: Promise<void>): Answer {
  const queue = new AnswerQueue()
  return async function* (model, request, signal) {
    await ready
    yield* queue.run(() => generate(model, request, deps, signal), signal)
  }
}
