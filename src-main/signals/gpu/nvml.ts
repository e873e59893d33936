import type { GpuReading } from '#contract/signals.ts'
import { Unavailable, type SignalSource } from '../signal-source.ts'
import { loadNvml, type NvmlFunction, type NvmlLibrary } from './nvml-library.ts'
import { readProcesses } from './nvml-processes.ts'
import { shortAddress } from './nvidia-smi.ts'
import type { OwnGpuUse } from './own-gpu-use.ts'
import { throttleCausesOf } from './throttle-bits.ts'

/** `nvmlReturn_t`. */
const success = 0
const gpuIsLost = 15
const nameBytes = 96
/** `nvmlPciInfo_t`: 16 letters, five numbers, and the address of 32 letters. */
const pciInfoBytes = 68
const pciAddressAt = 36

/** While nothing is computed the driver is left alone, so that the card can sleep. */
const busyMs = 1000
const restMs = 5000

/** NVIDIA's cards through the driver's own library: one handle for as long as Skein runs, and no process for a look. */
export function nvmlSource(
  own: OwnGpuUse,
  load: () => NvmlLibrary = loadNvml
): SignalSource<'gpus'> {
  let opened: { readonly library: NvmlLibrary; readonly devices: readonly bigint[] } | undefined
  let hadDevices = false
  return {
    source: 'NVML',
    get everyMs() {
      return own.share() > 0 ? busyMs : restMs
    },
    async read() {
      try {
        opened ??= await open(load())
        hadDevices ||= opened.devices.length > 0
        const { library, devices } = opened
        return await Promise.all(devices.map((device) => readDevice(library, device, own)))
      } catch (error) {
        opened = undefined
        // After an update of the driver, or a crash of it, the library may not even load.
        throw hadDevices ? new Unavailable('gone', undefined, { cause: error }) : error
      }
    },
    close() {
      void opened?.library.call('nvmlShutdown')
    }
  }
}

async function open(library: NvmlLibrary) {
  await must(library, 'nvmlInit_v2')
  const count = Buffer.alloc(4)
  await must(library, 'nvmlDeviceGetCount_v2', count)
  const devices: bigint[] = []
  for (let index = 0; index < count.readUInt32LE(); index++) {
    const device = Buffer.alloc(8)
    await must(library, 'nvmlDeviceGetHandleByIndex_v2', index, device)
    devices.push(device.readBigUInt64LE())
  }
  if (devices.length === 0) throw new Unavailable('no-device')
  return { library, devices }
}

async function readDevice(
  library: NvmlLibrary,
  device: bigint,
  own: OwnGpuUse
): Promise<GpuReading> {
  const fill = async (name: NvmlFunction, bytes: number, ...more: readonly number[]) => {
    const buffer = Buffer.alloc(bytes)
    const code = await library.call(name, device, ...more, buffer)
    if (code === gpuIsLost) throw new Unavailable('gone')
    return code === success ? buffer : undefined
  }
  const name = Buffer.alloc(nameBytes)
  await must(library, 'nvmlDeviceGetName', device, name, nameBytes)
  const pci = await fill('nvmlDeviceGetPciInfo_v3', pciInfoBytes)
  const celsius = (await fill('nvmlDeviceGetTemperature', 4, 0))?.readUInt32LE()
  const milliwatts = (await fill('nvmlDeviceGetPowerUsage', 4))?.readUInt32LE()
  const limit = (await fill('nvmlDeviceGetEnforcedPowerLimit', 4))?.readUInt32LE()
  const percent = (await fill('nvmlDeviceGetUtilizationRates', 8))?.readUInt32LE()
  // Total, free and used bytes.
  const memory = await fill('nvmlDeviceGetMemoryInfo', 24)
  const mask = (await fill('nvmlDeviceGetCurrentClocksThrottleReasons', 8))?.readBigUInt64LE()
  const used = memory === undefined ? undefined : Number(memory.readBigUInt64LE(16))
  const use = percent === undefined ? undefined : percent / 100
  return {
    id: shortAddress(textOf(pci?.subarray(pciAddressAt)) ?? device.toString(16)),
    name: textOf(name) ?? 'NVIDIA graphics card',
    ...(celsius === undefined ? {} : { celsius }),
    ...(milliwatts === undefined ? {} : { watts: milliwatts / 1000 }),
    ...(limit === undefined ? {} : { wattsLimit: limit / 1000 }),
    ...(memory === undefined ? {} : { memoryBytes: Number(memory.readBigUInt64LE(0)) }),
    ...(mask === undefined ? {} : { throttledBy: throttleCausesOf(mask) }),
    ...(use === undefined ? {} : { use }),
    ...(used === undefined ? {} : { memoryUsedBytes: used }),
    ...(await readProcesses(library, device, own, { use, memoryUsedBytes: used }))
  }
}

async function must(
  library: NvmlLibrary,
  name: NvmlFunction,
  ...parameters: readonly (number | bigint | Uint8Array)[]
): Promise<void> {
  const code = await library.call(name, ...parameters)
  if (code === gpuIsLost) throw new Unavailable('gone')
  if (code !== success) throw new Unavailable('failed', `${name}: ${code}`)
}

function textOf(letters: Uint8Array | undefined): string | undefined {
  const text = Buffer.from(letters ?? [])
    .toString('utf8')
    .replace(/\0.*$/s, '')
  return text === '' ? undefined : text
}
