import { SkeinError } from '#contract/errors.ts'
import type { StoredFile } from '#contract/weights.ts'

/** Letters of a key that a person must give at least. */
const leastKeyLength = 6

/** The one model, or adapter, that a key, the beginning of a key, a name or a file name stands for. Throws `invalid-input` where it stands for several. */
export function searchStored<Stored extends StoredFile>(
  models: readonly Stored[],
  asked: string
): Stored | undefined {
  const wanted = asked.toLowerCase()
  const isKey = asked.length >= leastKeyLength
  const matches = models.filter(
    ({ info, fileName }) =>
      fileName === asked ||
      info.name.toLowerCase() === wanted ||
      (isKey && info.key.startsWith(wanted))
  )
  if (matches.length > 1)
    throw new SkeinError('invalid-input', `${asked} stands for several models`)
  return matches[0]
}

/** As `searchStored`. Throws `model-not-here` too. */
export function findStored<Stored extends StoredFile>(
  models: readonly Stored[],
  asked: string
): Stored {
  const found = searchStored(models, asked)
  if (found === undefined) throw new SkeinError('model-not-here', asked)
  return found
}
