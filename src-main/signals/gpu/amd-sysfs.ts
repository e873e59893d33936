import { readdir, readFile, readlink } from 'node:fs/promises'
import path from 'node:path'
import type { GpuReading } from '#contract/signals.ts'
import { Unavailable, type SignalSource } from '../signal-source.ts'
import type { OwnGpuUse } from './own-gpu-use.ts'
import { withOthers } from './with-others.ts'

const amd = '0x1002'

/** AMD cards, from what the kernel's driver tells in `/sys/class/drm/card<n>/device`. */
export function amdSysfs(own: OwnGpuUse, folder = '/sys/class/drm'): SignalSource<'gpus'> {
  return {
    source: 'amdgpu',
    everyMs: 2000,
    async read() {
      const names = await readdir(folder).catch(() => [])
      const cards = names.filter((name) => /^card\d+$/.test(name))
      const gpus = await Promise.all(
        cards.map((name) => readCard(path.join(folder, name, 'device')))
      )
      const known = gpus.filter((gpu) => gpu !== undefined)
      if (known.length === 0) throw new Unavailable('no-device')
      return withOthers(known, own)
    }
  }
}

async function readCard(device: string): Promise<GpuReading | undefined> {
  if ((await textOf(path.join(device, 'vendor'))) !== amd) return undefined
  const [monitor = ''] = await readdir(path.join(device, 'hwmon')).catch(() => [])
  const value = (...file: readonly string[]): Promise<number | undefined> =>
    numberOf(path.join(device, ...file))
  const sensor = (file: string): Promise<number | undefined> => value('hwmon', monitor, file)
  // Thousandths of a °C; millionths of a W, by its newer name and its older one.
  const millidegrees = await sensor('temp1_input')
  const microwatts = (await sensor('power1_average')) ?? (await sensor('power1_input'))
  const limit = await sensor('power1_cap')
  const percent = await value('gpu_busy_percent')
  const total = await value('mem_info_vram_total')
  const used = await value('mem_info_vram_used')
  const address = await readlink(device).catch(() => device)
  return {
    id: path.basename(address),
    name: (await textOf(path.join(device, 'product_name'))) ?? 'AMD graphics card',
    ...(millidegrees === undefined ? {} : { celsius: millidegrees / 1000 }),
    ...(microwatts === undefined ? {} : { watts: microwatts / 1e6 }),
    ...(limit === undefined ? {} : { wattsLimit: limit / 1e6 }),
    ...(percent === undefined ? {} : { use: percent / 100 }),
    ...(total === undefined ? {} : { memoryBytes: total }),
    ...(used === undefined ? {} : { memoryUsedBytes: used })
  }
}

async function textOf(file: string): Promise<string | undefined> {
  const text = (await readFile(file, 'utf8').catch(() => '')).trim()
  return text === '' ? undefined : text
}

async function numberOf(file: string): Promise<number | undefined> {
  const text = await textOf(file)
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined
}
