import { SkeinError } from '#contract/errors.ts'
import { errorText, type LogLine } from '../bindings/llama-log.ts'

/** What llama.cpp logged while it failed to load something, as an error: `engine-out-of-memory` or `engine-load-failed`. */
export function loadFailure(lines: readonly LogLine[]): SkeinError {
  const text = errorText(lines)
  return new SkeinError(isOutOfMemory(text) ? 'engine-out-of-memory' : 'engine-load-failed', text)
}

function isOutOfMemory(text: string): boolean {
  return /unable to allocate|failed to allocate|out of memory|bad_alloc|cudaMalloc/i.test(text)
}
