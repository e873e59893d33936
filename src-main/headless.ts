/** Skein without a window: the same node, its page served to a browser on this computer. */
import { parseArgs } from 'node:util'
import { appPathsFrom } from './app-paths.ts'
import { runHeadless } from './run-headless.ts'
import { startArguments } from './start-options.ts'

const { values } = parseArgs({ options: startArguments })
await runHeadless(appPathsFrom(import.meta.url), values)
