import { stat } from 'node:fs/promises'
import { z } from 'zod'
import { SkeinError } from '#contract/errors.ts'
import { isMissing } from './store-fault.ts'

/** Which file was read, and in which state: a file of the same length and time is taken for the same bytes until a hash says otherwise. */
export const fileIdentitySchema = z.object({
  path: z.string().min(1).max(4096),
  bytes: z.int().positive(),
  /** Last change, in milliseconds since 1970, as the file system counts it. */
  modifiedMs: z.number()
})
export type FileIdentity = Readonly<z.infer<typeof fileIdentitySchema>>

/** Throws `model-not-found` or `model-unreadable`. */
export async function identify(path: string): Promise<FileIdentity> {
  try {
    const { size, mtimeMs } = await stat(path)
    return { path, bytes: size, modifiedMs: mtimeMs }
  } catch (thrown) {
    throw SkeinError.from(thrown, isMissing(thrown) ? 'model-not-found' : 'model-unreadable')
  }
}

export async function stateOf(file: FileIdentity): Promise<'same' | 'missing' | 'changed'> {
  try {
    return isSame(await identify(file.path), file) ? 'same' : 'changed'
  } catch (thrown) {
    if (thrown instanceof SkeinError) return 'missing'
    throw thrown
  }
}

export function isSame(a: FileIdentity, b: FileIdentity): boolean {
  return a.path === b.path && a.bytes === b.bytes && a.modifiedMs === b.modifiedMs
}
