import { readFile } from 'node:fs/promises'
import type { SignalValues } from '#contract/signals.ts'
import type { SignalSource } from '../signal-source.ts'

/** Interfaces that lead out of this computer by themselves; bridges, tunnels and containers would count the same bytes again. */
const virtual = /^(lo|docker|br-|veth|virbr|tun|tap|wg|vnet|cni|flannel|ifb|dummy)/

/** Bytes that all real interfaces received and sent, from the text of `/proc/net/dev`. */
export function parseNetCounters(text: string): SignalValues['traffic'] {
  let receivedBytes = 0
  let sentBytes = 0
  for (const line of text.split('\n')) {
    const [name = '', counters] = line.split(':')
    if (counters === undefined || virtual.test(name.trim())) continue
    // Eight columns of what was received, then eight of what was sent; bytes are the first of each.
    const columns = counters.trim().split(/\s+/).map(Number)
    receivedBytes += columns[0] ?? Number.NaN
    sentBytes += columns[8] ?? Number.NaN
  }
  return { receivedBytes, sentBytes }
}

export function netCounterSource(file = '/proc/net/dev'): SignalSource<'traffic'> {
  return {
    source: file,
    everyMs: 2000,
    read: async () => parseNetCounters(await readFile(file, 'utf8'))
  }
}
