/** Skein without a window: the same node, its page served to a browser on this computer. */
import { parseArgs } from 'node:util'
import { appPathsFrom } from './app-paths.ts'
import { runHeadless } from './run-headless.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    json: { type: 'boolean', default: false },
    // For whoever starts either entry with the same options.
    headless: { type: 'boolean' }
  }
})
await runHeadless(appPathsFrom(import.meta.url), values)
