import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { Unavailable, type SignalSource } from '../signal-source.ts'

/** Kernel drivers of processors’ sensors, the better first. */
const drivers = ['coretemp', 'k10temp', 'zenpower', 'cpu_thermal', 'soc_thermal', 'acpitz']

/** One sensor chip: `/sys/class/hwmon/hwmon<n>`. */
export interface SensorChip {
  readonly name: string
  /** Thousandths of a °C. */
  readonly millidegrees: readonly number[]
}

/** The processor's warmest sensor in °C, of the best chip that has any; `undefined` when there is none. */
export function cpuCelsiusOf(chips: readonly SensorChip[]): number | undefined {
  for (const driver of drivers) {
    const readings = chips.filter(({ name }) => name === driver).flatMap((it) => it.millidegrees)
    if (readings.length > 0) return Math.max(...readings) / 1000
  }
  return undefined
}

export function hwmonSource(folder = '/sys/class/hwmon'): SignalSource<'cpuCelsius'> {
  return {
    source: folder,
    everyMs: 2000,
    async read() {
      const names = await readdir(folder).catch(() => [])
      const chips = await Promise.all(names.map((name) => readChip(path.join(folder, name))))
      const celsius = cpuCelsiusOf(chips)
      if (celsius === undefined) throw new Unavailable('no-device')
      return celsius
    }
  }
}

async function readChip(folder: string): Promise<SensorChip> {
  const name = await readFile(path.join(folder, 'name'), 'utf8').catch(() => '')
  if (!drivers.includes(name.trim())) return { name: '', millidegrees: [] }
  const files = (await readdir(folder)).filter((file) => /^temp\d+_input$/.test(file))
  const texts = await Promise.all(
    files.map((file) => readFile(path.join(folder, file), 'utf8').catch(() => ''))
  )
  const millidegrees = texts.filter((text) => /^-?\d+\s*$/.test(text)).map(Number)
  return { name: name.trim(), millidegrees }
}
