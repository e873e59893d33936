import type { SignalName, SignalValues } from '#contract/signals.ts'
import { Unavailable, type SignalSource } from './signal-source.ts'

/** Between two looks for a better source, when none works: a desktop may start after Skein. */
const retryMs = 60_000

/**
 * The first source that works, of several that are as good: the one that answered last is asked again; when it fails, all are tried anew.
 * When none works, they are left alone for a minute.
 */
export function firstSource<Name extends SignalName>(
  candidates: readonly [SignalSource<Name>, ...SignalSource<Name>[]],
  now: () => number = () => performance.now()
): SignalSource<Name> {
  let chosen: SignalSource<Name> | undefined
  let failure: { readonly error: unknown; readonly at: number } | undefined
  const [best] = candidates

  async function choose(stop: AbortSignal): Promise<SignalValues[Name]> {
    let worst: unknown = new Unavailable('unsupported')
    for (const candidate of candidates) {
      try {
        const value = await candidate.read(stop)
        chosen = candidate
        return value
      } catch (error) {
        if (rankOf(error) > rankOf(worst)) worst = error
      }
    }
    failure = { error: worst, at: now() }
    throw worst
  }

  return {
    get source() {
      return chosen?.source ?? best.source
    },
    everyMs: best.everyMs,
    async read(stop) {
      if (chosen !== undefined) {
        try {
          return await chosen.read(stop)
        } catch {
          chosen = undefined
        }
      } else if (failure !== undefined && now() - failure.at < retryMs) {
        throw failure.error
      }
      return await choose(stop)
    },
    watch(listener) {
      for (const candidate of candidates) candidate.watch?.(listener)
    },
    close() {
      for (const candidate of candidates) candidate.close?.()
    }
  }
}

/** How much a failure tells: of a device that was there most, then of one that exists, and of one that does not exist least. */
function rankOf(error: unknown): number {
  if (!(error instanceof Unavailable)) return 2
  const { reason } = error
  return reason === 'gone' ? 3 : reason === 'unsupported' ? 0 : reason === 'no-device' ? 1 : 2
}
