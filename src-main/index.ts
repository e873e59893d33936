/** Skein with a window: Electron's main process. */
import { parseArgs } from 'node:util'
import { appPathsFrom } from './app-paths.ts'
import { createNode } from './node.ts'
import { defaultHomeFolder } from '#settings/home.ts'
import { runShell } from '#shell/run-shell.ts'
import { readStartOptions, startArguments } from './start-options.ts'

const paths = appPathsFrom(import.meta.url)
// Electron and Chromium have options of their own.
const { values } = parseArgs({
  options: startArguments,
  strict: false,
  args: process.argv.slice(1)
})
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
await runShell({
  pageFolder: paths.pageFolder,
  preloadFile: paths.preloadFile,
  startNode: () => {
    const { port, ...start } = readStartOptions(
      {
        port: text(values.port),
        model: text(values.model),
        layers: text(values.layers),
        network: text(values.network)
      },
      process.env
    )
    return createNode({
      homeFolder: defaultHomeFolder(process.env),
      entries: paths.entries,
      modelFiles: [paths.embeddedModelFile],
      api: { pageFolder: paths.pageFolder, ...(port === undefined ? {} : { port }) },
      ...start
    })
  }
})
