import { z } from 'zod'
import { SkeinError } from '#contract/errors.ts'
import { defaultHomeFolder } from '#settings/home.ts'
import type { AppPaths } from './app-paths.ts'
import { printError } from './cli/print-error.ts'
import { closeAtEndOfProcess } from './end-of-process.ts'
import { createNode, type SkeinNode } from './node.ts'

export interface HeadlessOptions {
  /** As the person wrote it; the one in the settings when absent. */
  readonly port?: string | undefined
  readonly json: boolean
}

/** Runs a node until the process is asked to end, and says where its page is. */
export async function runHeadless(paths: AppPaths, options: HeadlessOptions): Promise<void> {
  try {
    const port = options.port === undefined ? {} : { port: parsePort(options.port) }
    const node = await createNode({
      homeFolder: defaultHomeFolder(process.env),
      entries: paths.entries,
      modelFiles: [paths.embeddedModelFile],
      api: { pageFolder: paths.pageFolder, ...port }
    })
    closeAtEndOfProcess(node.close)
    tell(node, options.json)
  } catch (thrown) {
    printError(SkeinError.from(thrown), options.json)
    process.exitCode = 1
  }
}

function parsePort(text: string): number {
  const port = z.coerce.number().int().min(0).max(65_535).safeParse(text)
  if (!port.success) throw new SkeinError('invalid-input', `--port ${text}`)
  return port.data
}

function tell({ api, settingsSetAside }: SkeinNode, json: boolean): void {
  if (json) {
    console.log(JSON.stringify({ url: api?.url, port: api?.port, token: api?.token }))
    return
  }
  if (settingsSetAside !== undefined) {
    const { sentence, remedy } = new SkeinError('settings-invalid').toValue()
    console.log(`${sentence} ${remedy} (${settingsSetAside})`)
  }
  console.log(`Skein is ready. Open this in a browser on this computer:\n\n  ${api?.url ?? ''}\n`)
  console.log('Ctrl-C ends it. Nothing is lent and no network is joined.')
}
