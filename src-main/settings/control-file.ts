import { readFileSync, rmSync } from 'node:fs'
import { z } from 'zod'
import { SkeinError } from '#contract/errors.ts'
import { writeFileWhole } from './write-file.ts'

const controlFileSchema = z.object({
  version: z.literal(1),
  /** The process that runs the node. */
  pid: z.int().positive(),
  port: z.int().min(1).max(65_535),
  /** Opens the page and the API; whoever can read this file owns the node. */
  token: z.string().regex(/^[\w-]{43}$/)
})
export type ControlFile = Readonly<z.infer<typeof controlFileSchema>>

/** How the command line finds and opens the running node. */
export function writeControlFile(file: string, contents: Omit<ControlFile, 'version'>): void {
  writeFileWhole(file, JSON.stringify({ version: 1, ...contents }) + '\n')
}

/** Throws `not-running` when there is no such file, or a damaged one. */
export function readControlFile(file: string): ControlFile {
  try {
    return controlFileSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (thrown) {
    throw SkeinError.from(thrown, 'not-running')
  }
}

export function removeControlFile(file: string): void {
  rmSync(file, { force: true })
}
