import type { NodeStatus } from '#contract/status.ts'
import type { CommandIo } from './command-io.ts'
import { connectToNode } from './running-node.ts'

/** Tells how the running node is. Throws `not-running`. */
export async function runStatusCommand(io: CommandIo): Promise<void> {
  const node = await connectToNode(io.homeFolder)
  try {
    const status = await node.client.call('status.get', {}, io.signal)
    io.print(describe(status), status)
  } finally {
    node.close()
  }
}

function describe(status: NodeStatus): string {
  const model = status.models.find(({ key }) => key === status.defaultModel)
  return [
    `Skein ${status.version}, peer ${status.peer.slice(0, 16)}`,
    `Lending: ${status.lending ? 'on' : 'off'}. Network: ${status.network}, ${status.connectedPeers} peers.`,
    `Model: ${model?.name ?? status.defaultModel}. Computes on: ${status.device}.`,
    ...status.stages.map(
      ({ range, state, sessions, slots, memoryBytes }) =>
        `Stage: layers ${range.first + 1} to ${range.end}, ${state}, ` +
        `${sessions} of ${slots} places taken, ${(memoryBytes / 1e6).toFixed(0)} MB`
    )
  ].join('\n')
}
