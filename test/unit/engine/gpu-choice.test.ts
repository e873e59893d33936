import { describe, expect, it } from 'vitest'
import type { Device } from '#engine/bindings/devices.ts'
import { chooseGpu } from '#engine/bindings/gpu-choice.ts'
import type { GpuBackendFile } from '#engine/bindings/library-packages.ts'

const cpu: Device = { type: 'cpu', name: 'CPU', freeBytes: 8, totalBytes: 8 }
const gpu = (name: string): Device => ({ type: 'gpu', name, freeBytes: 4, totalBytes: 8 })

const backends: readonly GpuBackendFile[] = [
  { kind: 'cuda', path: 'cuda' },
  { kind: 'cuda', path: 'cuda-old' },
  { kind: 'vulkan', path: 'vulkan' }
]

/** A computer on which each loadable backend finds the named devices. */
function computer(found: Readonly<Record<string, readonly Device[]>>) {
  const loaded: string[] = []
  return {
    loaded,
    loadBackend(file: string): boolean {
      loaded.push(file)
      return found[file] !== undefined
    },
    listDevices: () => [cpu, ...loaded.flatMap((file) => found[file] ?? [])]
  }
}

describe('chooseGpu', () => {
  it('takes the first backend that finds a device', () => {
    const probe = computer({ cuda: [gpu('RTX')], vulkan: [gpu('RTX too')] })
    expect(chooseGpu('auto', backends, probe)?.name).toBe('RTX')
    expect(probe.loaded).toEqual(['cuda'])
  })

  it('falls through backends that do not load and backends that find nothing', () => {
    const probe = computer({ 'cuda-old': [], vulkan: [gpu('Radeon')] })
    expect(chooseGpu('auto', backends, probe)?.name).toBe('Radeon')
    expect(probe.loaded).toEqual(['cuda', 'cuda-old', 'vulkan'])
  })

  it('ends at the CPU where nothing finds a device', () => {
    expect(chooseGpu('auto', backends, computer({ vulkan: [] }))).toBeUndefined()
  })

  it('tries only the kind that was asked for', () => {
    const probe = computer({ cuda: [gpu('RTX')], vulkan: [gpu('RTX too')] })
    expect(chooseGpu('vulkan', backends, probe)?.name).toBe('RTX too')
    expect(probe.loaded).toEqual(['vulkan'])
  })

  it('loads nothing for the CPU', () => {
    const probe = computer({ cuda: [gpu('RTX')] })
    expect(chooseGpu('cpu', backends, probe)).toBeUndefined()
    expect(probe.loaded).toEqual([])
  })

  it('keeps a device that is there already, such as Metal’s', () => {
    const probe = { ...computer({}), listDevices: () => [cpu, gpu('Apple M4')] }
    expect(chooseGpu('auto', [], probe)?.name).toBe('Apple M4')
  })
})
