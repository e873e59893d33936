import koffi from 'koffi'
import { Unavailable } from '../signal-source.ts'

/** NVML's functions by their names, with what stands between the brackets. All return a code; what they tell they write to a pointer. */
const functions = {
  nvmlInit_v2: '',
  nvmlShutdown: '',
  nvmlDeviceGetCount_v2: 'void *count',
  nvmlDeviceGetHandleByIndex_v2: 'unsigned int index, void *device',
  nvmlDeviceGetName: 'void *device, void *name, unsigned int length',
  nvmlDeviceGetPciInfo_v3: 'void *device, void *info',
  nvmlDeviceGetTemperature: 'void *device, int sensor, void *celsius',
  nvmlDeviceGetPowerUsage: 'void *device, void *milliwatts',
  nvmlDeviceGetEnforcedPowerLimit: 'void *device, void *milliwatts',
  nvmlDeviceGetUtilizationRates: 'void *device, void *rates',
  nvmlDeviceGetMemoryInfo: 'void *device, void *info',
  nvmlDeviceGetCurrentClocksThrottleReasons: 'void *device, void *mask',
  nvmlDeviceGetComputeRunningProcesses_v3: 'void *device, void *count, void *processes',
  nvmlDeviceGetProcessUtilization:
    'void *device, void *samples, void *count, unsigned long long since'
} as const
export type NvmlFunction = keyof typeof functions

type Argument = number | bigint | Uint8Array

/** The driver's library, as `nvml.ts` reads it: each call resolves to NVML's code, and fills the buffers that it was given. */
export interface NvmlLibrary {
  call(name: NvmlFunction, ...parameters: readonly Argument[]): Promise<number>
}

/**
 * Loads the library that NVIDIA's driver brings. Calls run beside the thread that runs JavaScript: a driver that hangs must not take Skein
 * with it. Throws `Unavailable` where there is no such driver.
 */
export function loadNvml(): NvmlLibrary {
  const file = process.platform === 'win32' ? 'nvml.dll' : 'libnvidia-ml.so.1'
  let library: ReturnType<typeof koffi.load>
  try {
    library = koffi.load(file)
  } catch (error) {
    throw new Unavailable('no-device', file, { cause: error })
  }
  const bound = new Map<NvmlFunction, ReturnType<typeof library.func>>()
  return {
    call(name, ...parameters) {
      const bind = bound.get(name) ?? library.func(`int ${name}(${functions[name]})`)
      bound.set(name, bind)
      return new Promise((resolve, reject) => {
        bind.async(...parameters, (error: unknown, code: unknown) => {
          if (typeof code === 'number') resolve(code)
          else reject(new Unavailable('failed', name, { cause: error }))
        })
      })
    }
  }
}
