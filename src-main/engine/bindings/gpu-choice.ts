import type { DeviceChoice } from '../stage-types.ts'
import type { Device } from './devices.ts'
import type { GpuBackendFile } from './library-packages.ts'

/** What choosing a GPU needs of llama.cpp; injected, so that the choice is tested without a GPU. */
export interface GpuProbe {
  loadBackend(file: string): boolean
  listDevices(): readonly Device[]
}

function isGpu(device: Device): boolean {
  return device.type === 'gpu' || device.type === 'integrated-gpu'
}

/**
 * Loads GPU backends in order until one finds a device; gives that device, or `undefined` for the CPU. A backend whose
 * driver or libraries are missing does not load, one without a device finds none: both fall through to the next. A
 * backend stays loaded for the life of the process, so whoever asks for the CPU must ask first.
 */
export function chooseGpu(
  choice: DeviceChoice,
  backends: readonly GpuBackendFile[],
  probe: GpuProbe
): Device | undefined {
  if (choice === 'cpu') return undefined
  // Metal comes with the core libraries, and an earlier choice in this process may have loaded a backend already.
  const present = probe.listDevices().find(isGpu)
  if (present !== undefined) return present
  for (const { kind, path } of backends) {
    if (choice !== 'auto' && choice !== kind) continue
    if (!probe.loadBackend(path)) continue
    const found = probe.listDevices().find(isGpu)
    if (found !== undefined) return found
  }
  return undefined
}
