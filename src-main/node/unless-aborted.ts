import { SkeinError } from '#contract/errors.ts'

/** Resolves with `promise`; throws `cancelled` when `signal` aborts first. */
export async function unlessAborted(promise: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<never>()
  const leave = (): void => aborted.reject(new SkeinError('cancelled'))
  if (signal.aborted) leave()
  signal.addEventListener('abort', leave)
  try {
    await Promise.race([promise, aborted.promise])
  } finally {
    signal.removeEventListener('abort', leave)
  }
}
