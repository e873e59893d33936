import { SkeinError } from '#contract/errors.ts'
import type { NodeStatus } from '#contract/status.ts'
import { defaultHomeFolder } from '#settings/home.ts'
import type { AppPaths } from './app-paths.ts'
import { printError } from './cli/print-error.ts'
import { closeAtEndOfProcess } from './end-of-process.ts'
import { createNode, type SkeinNode } from './node.ts'
import { readStartOptions, type StartTexts } from './start-options.ts'

export interface HeadlessOptions extends StartTexts {
  readonly json: boolean
}

/** Runs a node until the process is asked to end, and says where its page is. */
export async function runHeadless(paths: AppPaths, options: HeadlessOptions): Promise<void> {
  try {
    const { port, ...start } = readStartOptions(options, process.env)
    const node = await createNode({
      homeFolder: defaultHomeFolder(process.env),
      entries: paths.entries,
      modelFiles: [paths.embeddedModelFile],
      api: { pageFolder: paths.pageFolder, ...(port === undefined ? {} : { port }) },
      ...start
    })
    closeAtEndOfProcess(node.close)
    await tell(node, options.json)
  } catch (thrown) {
    printError(SkeinError.from(thrown), options.json)
    process.exitCode = 1
  }
}

async function tell({ api, control, settingsSetAside }: SkeinNode, json: boolean): Promise<void> {
  if (json) {
    console.log(JSON.stringify({ url: api?.url, port: api?.port, token: api?.token }))
    return
  }
  if (settingsSetAside !== undefined) {
    const { sentence, remedy } = new SkeinError('settings-invalid').toValue()
    console.log(`${sentence} ${remedy} (${settingsSetAside})`)
  }
  console.log(`Skein is ready. Open this in a browser on this computer:\n\n  ${api?.url ?? ''}\n`)
  const status = await control.call('status.get', {}, AbortSignal.any([]))
  console.log(`Ctrl-C ends it. ${describeSharing(status)}`)
}

/** What a person who has just started Skein wants to be sure of. */
function describeSharing({ lending, network, weights }: NodeStatus): string {
  const joined = network === 'none' ? 'no network is joined' : 'a network is joined'
  const given = [lending ? 'layers are lent' : 'nothing is lent']
  if (weights.seeding) given.push('models are shared')
  const all = `${given.join(', ')} and ${joined}.`
  return all.charAt(0).toUpperCase() + all.slice(1)
}
