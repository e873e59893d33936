import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { Unavailable } from './signal-source.ts'

const run = promisify(execFile)

/** What a tool prints. Throws `Unavailable`: `unsupported` where it is not installed. */
export async function runTool(
  command: string,
  parameters: readonly string[],
  signal: AbortSignal
): Promise<string> {
  try {
    const { stdout } = await run(command, parameters, { signal, maxBuffer: 1_000_000 })
    return stdout
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    throw new Unavailable(isMissing ? 'unsupported' : 'failed', command, { cause: error })
  }
}
