import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { StartMessage, ToStage, ToVocabulary } from './messages.ts'

export interface EngineHandlers {
  readonly message: (message: unknown) => void
  /** What the process wrote to its standard output or error, as it came. */
  readonly output: (text: string) => void
  /** Once. `code` is `null` after a signal; both are where the process could not be started at all. */
  readonly exit: (code: number | null, signal: string | null) => void
}

/** A running engine process as its supervisor sees it. */
export interface EngineChannel {
  /** `undefined` where it could not be started. */
  readonly pid: number | undefined
  /** Lost without a word when the process is gone: its exit tells. */
  send(message: StartMessage | ToStage | ToVocabulary): void
  kill(signal: 'SIGTERM' | 'SIGKILL'): void
}

/** Starts an engine process; Electron's `utilityProcess` can take the place of `child_process`. */
export type ForkEngine = (entry: URL, handlers: EngineHandlers) => EngineChannel

/** Meant for the parent: its debugger, loaders and coverage. */
const notInherited = new Set(['NODE_OPTIONS', 'NODE_V8_COVERAGE'])

function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !notInherited.has(name))
  // Electron's binary becomes plain Node; Node itself does not know the name.
  return { ...Object.fromEntries(kept), ELECTRON_RUN_AS_NODE: '1' }
}

/** Its garbage is large arrays outside of the heap; young generations of the usual size would keep 50 MB for nothing. */
const engineFlags = ['--max-semi-space-size=1', '--max-old-space-size=256']

export const forkEngine: ForkEngine = (entry, handlers) => {
  const child = fork(fileURLToPath(entry), {
    serialization: 'advanced',
    execArgv: engineFlags,
    env: cleanEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc']
  })
  let isGone = false
  const exit = (code: number | null, signal: string | null): void => {
    if (isGone) return
    isGone = true
    handlers.exit(code, signal)
  }
  child.on('message', handlers.message)
  // `close`, not `exit`: its last words have been read by then.
  child.on('close', exit)
  child.on('error', (error) => {
    handlers.output(String(error))
    if (child.pid === undefined) exit(null, null)
  })
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8')
    stream?.on('data', (text: string) => handlers.output(text))
  }
  return {
    pid: child.pid,
    send: (message) => {
      if (child.connected) child.send(message, () => undefined)
    },
    kill: (signal) => void child.kill(signal)
  }
}
