/** Skein with a window: Electron's main process. */
import { appPathsFrom } from './app-paths.ts'
import { createNode } from './node.ts'
import { defaultHomeFolder } from '#settings/home.ts'
import { runShell } from '#shell/run-shell.ts'

const paths = appPathsFrom(import.meta.url)
await runShell({
  pageFolder: paths.pageFolder,
  preloadFile: paths.preloadFile,
  startNode: () =>
    createNode({
      homeFolder: defaultHomeFolder(process.env),
      entries: paths.entries,
      modelFiles: [paths.embeddedModelFile],
      api: { pageFolder: paths.pageFolder }
    })
})
