import type { VerifyEvent } from '#contract/models-control.ts'
import type { ByteProgress } from '#contract/weights.ts'
import type { WeightsStore } from '#weights/weights-store.ts'
import { watchValue } from '../watch-value.ts'
import { findStored } from './find-stored.ts'

/** Checks a model, and tells how far it is; a slow reader misses figures, never the report. Stops when the reader leaves. */
export async function* verifyStored(
  store: WeightsStore,
  asked: string,
  signal: AbortSignal
): AsyncGenerator<VerifyEvent, void> {
  const { info } = findStored(await store.files(), asked)
  const leaving = new AbortController()
  const over = new AbortController()
  let progress: ByteProgress | undefined
  let tell: () => void = () => undefined
  const checked = store.verify(info.key, {
    signal: AbortSignal.any([signal, leaving.signal]),
    onProgress: (made) => {
      progress = made
      tell()
    }
  })
  const end = (): void => over.abort()
  checked.then(end, end)
  const subscribe = (listener: () => void): (() => void) => {
    tell = listener
    return () => undefined
  }
  try {
    for await (const made of watchValue(() => progress, subscribe, over.signal)) {
      if (made !== undefined) yield { kind: 'progress', progress: made }
    }
    const report = await checked
    yield { kind: 'report', model: await store.file(info.key), report }
  } finally {
    leaving.abort()
  }
}
