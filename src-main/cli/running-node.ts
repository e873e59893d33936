import { WebSocket } from 'ws'
import { ControlClient } from '#contract/control-client.ts'
import { SkeinError } from '#contract/errors.ts'
import { readControlFile } from '#settings/control-file.ts'
import { homeAt } from '#settings/home.ts'

/** The node that runs with this data folder, as seen from another process. */
export interface RunningNode {
  readonly client: ControlClient
  close(): void
}

/** Throws `not-running`, also when a node died and left its control file behind. */
export async function connectToNode(homeFolder: string): Promise<RunningNode> {
  const { port, token } = readControlFile(homeAt(homeFolder).controlFile)
  const socket = new WebSocket(`ws://127.0.0.1:${port}/control`, {
    headers: { authorization: `Bearer ${token}` }
  })
  const client = new ControlClient((frame) => socket.send(JSON.stringify(frame)))
  socket.on('message', (data: Buffer) => client.receive(JSON.parse(data.toString('utf8'))))
  socket.on('close', () => client.close(new SkeinError('connection-lost')))
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    socket.on('error', (error) => reject(SkeinError.from(error, 'not-running')))
  })
  return { client, close: () => socket.close() }
}

/** The running node, or `undefined` when none runs. */
export async function findNode(homeFolder: string): Promise<RunningNode | undefined> {
  try {
    return await connectToNode(homeFolder)
  } catch (thrown) {
    if (thrown instanceof SkeinError && thrown.code === 'not-running') return undefined
    throw thrown
  }
}
