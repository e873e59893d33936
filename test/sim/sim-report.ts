import type { Figure } from '#test/bench/goal.ts'
import type { SimResult } from './simulation.ts'

/** What one run came to. Throughput is that of the worst place of the swarm, against what the same peers could do at the very best. */
export function runFigures(result: SimResult): readonly Figure[] {
  const { samples, demand, options } = result
  const throughput = samples.map((sample) => sample.throughput)
  const of = `${options.peers} peers`
  return [
    figure(`${of}: online`, mean(samples.map(({ online }) => online)), 'peers'),
    {
      ...figure(`${of}: coverage, worst moment`, least(samples.map((it) => it.coverage)), ''),
      goal: { atLeast: 1 }
    },
    {
      ...figure(`${of}: worst-range throughput of the upper bound`, mean(throughput), ''),
      goal: { atLeast: 0.85 }
    },
    figure(`${of}: the same, worst moment`, least(throughput), ''),
    figure(`${of}: moves`, result.moves / result.peerHours, 'per peer-hour'),
    figure(`${of}: messages`, messagesPerPeerHour(result), 'per peer-hour'),
    figure(`${of}: peers known to a peer`, result.known, 'peers'),
    figure(`${of}: answers served`, share(demand.served, demand.asked), '%'),
    figure(`${of}: hops of an answer`, demand.hops / Math.max(1, demand.served), 'stages'),
    figure(`${of}: refusals`, share(demand.refused, demand.served), '% of answers'),
    figure(`${of}: deaths healed`, share(demand.healed, demand.healed + demand.broken), '%')
  ]
}

/** Small swarms, in which the best of all chains can be found by trying them all. */
export function pathFigures(results: readonly SimResult[]): readonly Figure[] {
  const known = results.flatMap(({ demand }) => demand.knownRatios)
  const truth = results.flatMap(({ demand }) => demand.trueRatios)
  const peers = results.map(({ options }) => options.peers).join(', ')
  return [
    {
      ...figure(`${peers} peers: path cost of the optimum, by what is known`, mean(known), ''),
      goal: { atMost: 1.1 }
    },
    figure('the same, mean, if all speeds and distances were known', mean(truth), '')
  ]
}

/** How cost grows with the network. */
export function growthFigure(from: SimResult, to: SimResult): Figure {
  const change = messagesPerPeerHour(to) / messagesPerPeerHour(from)
  const name = `messages per peer, ${to.options.peers} against ${from.options.peers} peers`
  return to.options.peers / from.options.peers > 10
    ? figure(name, change, 'times')
    : { ...figure(name, change, 'times'), goal: { atMost: 1.2 } }
}

function messagesPerPeerHour({ messages, peerHours }: SimResult): number {
  return messages / peerHours
}

function figure(name: string, value: number, unit: string): Figure {
  return { name, value, unit }
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : (100 * part) / whole
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function least(values: readonly number[]): number {
  return values.reduce((best, value) => Math.min(best, value), Infinity)
}
