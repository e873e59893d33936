import type { GpuReading, ThrottleCause } from '#contract/signals.ts'
import { runTool } from '../run-tool.ts'
import { Unavailable, type SignalSource } from '../signal-source.ts'
import type { OwnGpuUse } from './own-gpu-use.ts'
import { withOthers } from './with-others.ts'
import { throttleCausesOf } from './throttle-bits.ts'

const columns = [
  'pci.bus_id',
  'name',
  'temperature.gpu',
  'power.draw',
  'enforced.power.limit',
  'utilization.gpu',
  'memory.total',
  'memory.used',
  'clocks_throttle_reasons.active'
] as const

/**
 * One line for each GPU, from `nvidia-smi --query-gpu=... --format=csv,noheader,nounits`. What a card does not tell is `[N/A]`,
 * `[Not Supported]` or `[Unknown Error]`; memory is in MiB, power in W.
 */
export function parseNvidiaSmi(text: string): readonly GpuReading[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(parseLine)
}

function parseLine(line: string): GpuReading {
  const values = line.split(',').map((value) => value.trim())
  if (values.length !== columns.length) throw new Unavailable('failed', 'an unknown form')
  const [id = '', name = '', ...rest] = values
  const [celsius, watts, limit, percent, total, used] = rest.map(numberOf)
  const throttledBy = causesOf(values.at(-1))
  return {
    id: shortAddress(id),
    name,
    ...(celsius === undefined ? {} : { celsius }),
    ...(watts === undefined ? {} : { watts }),
    ...(limit === undefined ? {} : { wattsLimit: limit }),
    ...(percent === undefined ? {} : { use: percent / 100 }),
    ...(total === undefined ? {} : { memoryBytes: total * mebibyte }),
    ...(used === undefined ? {} : { memoryUsedBytes: used * mebibyte }),
    ...(throttledBy === undefined ? {} : { throttledBy })
  }
}

const mebibyte = 2 ** 20

function numberOf(text: string): number | undefined {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined
}

function causesOf(text: string | undefined): readonly ThrottleCause[] | undefined {
  return text !== undefined && /^0x[0-9a-f]+$/i.test(text)
    ? throttleCausesOf(BigInt(text))
    : undefined
}

/** `00000000:01:00.0` is `0000:01:00.0`, as Linux writes it. */
export function shortAddress(address: string): string {
  return address.toLowerCase().replace(/^0000(?=[0-9a-f]{4}:)/, '')
}

/** Where NVML cannot be loaded. A process for each look, so it looks rarely. */
export function nvidiaSmi(own: OwnGpuUse, command = 'nvidia-smi'): SignalSource<'gpus'> {
  return {
    source: 'nvidia-smi',
    everyMs: 5000,
    async read(signal) {
      const query = `--query-gpu=${columns.join(',')}`
      const text = await runTool(command, [query, '--format=csv,noheader,nounits'], signal)
      return withOthers(parseNvidiaSmi(text), own)
    }
  }
}
