import { SkeinError } from '#contract/errors.ts'
import { defaultHomeFolder } from '#settings/home.ts'
import { appPathsFrom, type AppPaths } from '../app-paths.ts'
import { printError } from './print-error.ts'

/** What a command works with. */
export interface CommandIo {
  readonly paths: AppPaths
  readonly homeFolder: string
  readonly json: boolean
  /** To standard output, as it is. */
  write(text: string): void
  /** One line of text; or with `--json` the value as JSON. */
  print(text: string, value: unknown): void
  /** Ctrl-C. */
  readonly signal: AbortSignal
}

/**
 * Runs a command: what it throws becomes a sentence, a remedy, and exit code 1. `entry`: the command line's `import.meta.url`.
 */
export async function runCommand(
  entry: string,
  json: boolean,
  command: (io: CommandIo) => Promise<void>
): Promise<void> {
  const leaving = new AbortController()
  const leave = (): void => leaving.abort()
  process.once('SIGINT', leave)
  process.once('SIGTERM', leave)
  const write = (text: string): void => void process.stdout.write(text)
  try {
    await command({
      paths: appPathsFrom(entry),
      homeFolder: defaultHomeFolder(process.env),
      json,
      write,
      print: (text, value) => write(`${json ? JSON.stringify(value) : text}\n`),
      signal: leaving.signal
    })
  } catch (thrown) {
    printError(SkeinError.from(thrown), json)
    process.exitCode = 1
  } finally {
    process.off('SIGINT', leave)
    process.off('SIGTERM', leave)
    // Everything is put in order; a request that a server never answered must not keep the person waiting.
    if (leaving.signal.aborted) process.exit()
  }
}
