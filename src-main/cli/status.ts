import type { HostedStage, LendingStatus, NodeStatus } from '#contract/status.ts'
import type { CommandIo } from './command-io.ts'
import { formatBytes } from './format-bytes.ts'
import { formatLayers } from './layers.ts'
import { connectToNode } from './running-node.ts'
import { summariseTransfer } from './transfer-text.ts'

/** Tells how the running node is. Throws `not-running`. */
export async function runStatusCommand(io: CommandIo): Promise<void> {
  const node = await connectToNode(io.homeFolder)
  try {
    const status = await node.client.call('status.get', {}, io.signal)
    io.print(describeStatus(status), status)
  } finally {
    node.close()
  }
}

/** Every line says one thing; what is as it should be takes one. */
export function describeStatus(status: NodeStatus): string {
  const { version, peer, lending, guest, network, connectedPeers, device, stages, weights } = status
  return [
    `Skein ${version}, peer ${peer.slice(0, 16)}`,
    ...describeLending(lending, guest),
    `Network: ${network}, ${connectedPeers} peers.`,
    `Model: ${nameOf(status, { model: status.defaultModel })}. Computes on: ${device}.`,
    ...stages.map((stage) => describeStage(status, stage)),
    ...describeWeights(weights)
  ].join('\n')
}

function describeLending(isAgreed: boolean, guest: LendingStatus | undefined): string[] {
  if (guest === undefined) return [`Lending: ${isAgreed ? 'on' : 'off'}.`]
  const { sentence, state, share, limitedBy, month, unknown } = guest
  const percent = Math.round(share * 100)
  const { transferredBytes, joules, isEstimate, cost } = month
  const energy = `${(joules / 3.6e6).toFixed(2)} kWh${isEstimate ? ' (partly estimated)' : ''}`
  return [
    `Lending: ${sentence}`,
    ...(state === 'lending' && limitedBy !== undefined
      ? [`Computes for others ${percent} % of the time, held back by ${limitedBy}.`]
      : []),
    `This month: ${formatBytes(transferredBytes)} exchanged with peers, ${energy} for others` +
      `${cost === undefined ? '' : `, which cost ${cost.toFixed(2)}`}.`,
    ...(unknown.length === 0 ? [] : [`Not known: ${unknown.map(describeUnknown).join(', ')}.`])
  ]
}

function describeUnknown({ signal, source, reason }: LendingStatus['unknown'][number]): string {
  return source === 'none' ? `${signal} (${reason})` : `${signal} (${source}: ${reason})`
}

function describeStage(status: NodeStatus, stage: HostedStage): string {
  const { range, state, sessions, slots, memoryBytes, error } = stage
  const what = `Stage: layers ${formatLayers(range)} of ${nameOf(status, stage)}, ${state}`
  if (error !== undefined) return `${what}. ${error.sentence} ${error.remedy}`
  if (state === 'preparing') return what
  return `${what}, ${sessions} of ${slots} places taken, ${formatBytes(memoryBytes)}`
}

function describeWeights({ error, seeding, usage, transfers }: NodeStatus['weights']): string[] {
  const sent =
    usage === undefined
      ? ''
      : ` ${formatBytes(usage.uploadedBytes)} sent and ${formatBytes(usage.downloadedBytes)} received this month.`
  return [
    `Sharing models: ${seeding ? 'on' : 'off'}.${sent}`,
    ...(error === undefined
      ? []
      : [`Models that were added cannot be used. ${error.sentence} ${error.remedy}`]),
    ...transfers.map((transfer) => `Coming: ${summariseTransfer(transfer)}`)
  ]
}

function nameOf(
  { models }: NodeStatus,
  { model, adapter }: Pick<HostedStage, 'model' | 'adapter'>
): string {
  const named = models.find((info) => info.key === model && info.adapter === adapter)
  return (
    named?.name ??
    [model, ...(adapter === undefined ? [] : [adapter])].map((key) => key.slice(0, 16)).join('+')
  )
}
