import { SkeinError } from '#contract/errors.ts'

/** What a failed read or write of the store's own files means to a person. */
export function storeFault(thrown: unknown): SkeinError {
  const code = systemCode(thrown)
  const isFull = code === 'ENOSPC' || code === 'EDQUOT' || /no space/i.test(messageOf(thrown))
  return SkeinError.from(thrown, isFull ? 'disk-full' : 'weights-unreadable')
}

export function isMissing(thrown: unknown): boolean {
  return systemCode(thrown) === 'ENOENT'
}

function systemCode(thrown: unknown): unknown {
  return thrown instanceof Error && 'code' in thrown ? thrown.code : undefined
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : ''
}
