import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { shareOfOthers } from '#signals/cpu-load.ts'
import { amdSysfs } from '#signals/gpu/amd-sysfs.ts'
import { parseNvidiaSmi, shortAddress } from '#signals/gpu/nvidia-smi.ts'
import { throttleCausesOf } from '#signals/gpu/throttle-bits.ts'
import { activeWindowOf, isFullScreenState } from '#signals/linux/full-screen.ts'
import { cpuCelsiusOf, hwmonSource } from '#signals/linux/hwmon.ts'
import { parseNetCounters } from '#signals/linux/net-counters.ts'
import { isOnBattery, powerSupplySource, type PowerSupply } from '#signals/linux/power-supply.ts'
import { cpuMillisOf, programsAmong } from '#signals/linux/processes.ts'
import { temporaryFolder } from '#test/support/temporary-folder.ts'

const never = new AbortController().signal
const noUse = { processIds: () => [], share: () => 0, bytes: () => 0 }

/** A folder as the kernel shows it: paths and their texts. */
function kernelFolder(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder()
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  return folder
}

test('nvidia-smi: two cards, one of which does not tell everything', () => {
  const text =
    '00000000:01:00.0, NVIDIA GeForce RTX 3060, 47, 33.18, 170.00, 12, 12288, 1411, 0x0000000000000001\n' +
    '00000000:0A:00.0, NVIDIA T400, 51, [N/A], [Not Supported], 100, 2048, 2047, 0x0000000000000064\n'
  expect(parseNvidiaSmi(text)).toEqual([
    {
      id: '0000:01:00.0',
      name: 'NVIDIA GeForce RTX 3060',
      celsius: 47,
      watts: 33.18,
      wattsLimit: 170,
      use: 0.12,
      memoryBytes: 12288 * 2 ** 20,
      memoryUsedBytes: 1411 * 2 ** 20,
      throttledBy: []
    },
    {
      id: '0000:0a:00.0',
      name: 'NVIDIA T400',
      celsius: 51,
      use: 1,
      memoryBytes: 2 ** 31,
      memoryUsedBytes: 2047 * 2 ** 20,
      throttledBy: ['power', 'heat']
    }
  ])
})

test.each([
  'No devices were found\n',
  'Failed to initialize NVML: Driver/library version mismatch\n'
])('nvidia-smi: "%s" is no card', (text) => {
  expect(() => parseNvidiaSmi(text)).toThrow(expect.objectContaining({ reason: 'failed' }))
})

test('addresses of cards are told as Linux does', () => {
  expect(shortAddress('00000000:0A:00.0')).toBe('0000:0a:00.0')
  expect(shortAddress('0000:0a:00.0')).toBe('0000:0a:00.0')
  expect(shortAddress('00010000:0A:00.0')).toBe('00010000:0a:00.0')
})

test('a clock that somebody set, or an idle card, is not throttled', () => {
  expect(throttleCausesOf(0x103n)).toEqual([])
  expect(throttleCausesOf(0x4n | 0x80n)).toEqual(['power'])
  expect(throttleCausesOf(0x48n)).toEqual(['hardware', 'heat'])
})

test('AMD: the first card is Intel’s, the second tells of itself in its folder', async () => {
  const drm = kernelFolder({
    'card0/device/vendor': '0x8086\n',
    'card1-DP-1/status': 'connected\n',
    'pci/0000:03:00.0/vendor': '0x1002\n',
    'pci/0000:03:00.0/gpu_busy_percent': '37\n',
    'pci/0000:03:00.0/mem_info_vram_total': '17163091968\n',
    'pci/0000:03:00.0/mem_info_vram_used': '2147483648\n',
    'pci/0000:03:00.0/hwmon/hwmon4/temp1_input': '54000\n',
    'pci/0000:03:00.0/hwmon/hwmon4/power1_average': '41000000\n',
    'pci/0000:03:00.0/hwmon/hwmon4/power1_cap': '203000000\n'
  })
  mkdirSync(path.join(drm, 'card1'))
  symlinkSync('../pci/0000:03:00.0', path.join(drm, 'card1', 'device'))
  const own = { processIds: () => [], share: () => 0.3, bytes: () => 1e9 }
  const [gpu, ...others] = await amdSysfs(own, drm).read(never)
  expect(others).toEqual([])
  expect(gpu).toMatchObject({
    id: '0000:03:00.0',
    celsius: 54,
    watts: 41,
    wattsLimit: 203,
    use: 0.37,
    memoryBytes: 17163091968,
    memoryByOthersBytes: 1147483648
  })
  expect(gpu?.useByOthers).toBeCloseTo(0.07)
})

test('AMD: a computer without such a card has no device', async () => {
  const folder = kernelFolder({ 'card0/device/vendor': '0x8086\n' })
  await expect(amdSysfs(noUse, folder).read(never)).rejects.toMatchObject({ reason: 'no-device' })
  await expect(amdSysfs(noUse, path.join(folder, 'no')).read(never)).rejects.toMatchObject({
    reason: 'no-device'
  })
})

const mains = (online: string): PowerSupply => ({
  type: 'Mains',
  scope: undefined,
  online,
  status: undefined
})
const battery = (status: string): PowerSupply => ({
  type: 'Battery',
  scope: undefined,
  online: undefined,
  status
})
const mouse: PowerSupply = {
  type: 'Battery',
  scope: 'Device',
  online: undefined,
  status: 'Discharging'
}

test.each([
  ['a desktop', [], false],
  ['a desktop with a mouse of its own battery', [mouse], false],
  ['a laptop, plugged in', [mains('1'), battery('Charging')], false],
  ['a laptop, plugged in and full', [mains('1'), battery('Full')], false],
  ['a laptop, plugged in, kept at 80 %', [mains('1'), battery('Not charging')], false],
  ['a laptop, unplugged', [mains('0'), battery('Discharging')], true],
  ['a laptop, unplugged this very second', [mains('0'), battery('Unknown')], true],
  ['a laptop on a charger that is too weak', [mains('1'), battery('Discharging')], true],
  ['a battery that tells of nothing else', [battery('Unknown')], true],
  ['one of two batteries at work', [mains('0'), battery('Full'), battery('Discharging')], true]
])('%s: on battery is %s', (_name, supplies, expected) => {
  expect(isOnBattery(supplies)).toBe(expected)
})

test('the kernel’s folder of power supplies', async () => {
  const folder = kernelFolder({
    'AC/type': 'Mains\n',
    'AC/online': '0\n',
    'BAT0/type': 'Battery\n',
    'BAT0/status': 'Discharging\n',
    'BAT0/scope': 'System\n'
  })
  expect(await powerSupplySource(folder).read(never)).toBe(true)
  await expect(powerSupplySource(path.join(folder, 'no')).read(never)).rejects.toMatchObject({
    reason: 'unsupported'
  })
})

test('the processor’s temperature is that of its warmest sensor, and of no other chip', async () => {
  const folder = kernelFolder({
    'hwmon0/name': 'nvme\n',
    'hwmon0/temp1_input': '71000\n',
    'hwmon1/name': 'coretemp\n',
    'hwmon1/temp1_input': '52000\n',
    'hwmon1/temp2_input': '55500\n',
    'hwmon1/temp1_max': '100000\n'
  })
  expect(await hwmonSource(folder).read(never)).toBe(55.5)
  expect(cpuCelsiusOf([{ name: 'k10temp', millidegrees: [61250] }])).toBe(61.25)
  await expect(hwmonSource(path.join(folder, 'no')).read(never)).rejects.toMatchObject({
    reason: 'no-device'
  })
})

test('network counters leave out what counts the same bytes twice', () => {
  const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 5000 50 0 0 0 0 0 0 5000 50 0 0 0 0 0 0
  eth0: 1000 10 0 0 0 0 0 0 200 2 0 0 0 0 0 0
 wlan0:1700 17 0 0 0 0 0 0 300 3 0 0 0 0 0 0
docker0: 900 9 0 0 0 0 0 0 900 9 0 0 0 0 0 0
`
  expect(parseNetCounters(text)).toEqual({ receivedBytes: 2700, sentBytes: 500 })
})

test('programs are known by their name, also by as much of it as the kernel keeps', () => {
  const running = ['bash\n', 'Blender\n', 'league of legen\n', 'CS2.exe\n', '']
  const wanted = ['blender', 'league of legends', 'cs2', 'dota2']
  expect(programsAmong(running, wanted)).toEqual(['blender', 'league of legends', 'cs2'])
})

test('the time of a process, whatever it is called', () => {
  expect(cpuMillisOf('30746 (a) b (c) R 1 2 3 4 -1 4194304 124 0 0 0 150 25 0 0 20 0 1')).toBe(1750)
})

test('what others use of the processor is what is busy and not Skein’s', () => {
  const at = (all: number, idle: number, own: number) => ({ all, idle, own })
  expect(shareOfOthers(at(0, 0, 0), at(1000, 600, 300))).toBeCloseTo(0.1)
  expect(shareOfOthers(at(0, 0, 500), at(1000, 600, 0))).toBeCloseTo(0.4)
  expect(shareOfOthers(at(5, 5, 5), at(5, 5, 5))).toBeNaN()
})

test('a window that fills the screen, as xprop tells it', () => {
  expect(activeWindowOf('_NET_ACTIVE_WINDOW(WINDOW): window id # 0x3a00007\n')).toBe('0x3a00007')
  expect(activeWindowOf('_NET_ACTIVE_WINDOW(WINDOW): window id # 0x0\n')).toBeUndefined()
  expect(activeWindowOf('_NET_ACTIVE_WINDOW:  not found.\n')).toBeUndefined()
  const state = '_NET_WM_STATE(ATOM) = _NET_WM_STATE_FULLSCREEN, _NET_WM_STATE_FOCUSED\n'
  expect(isFullScreenState(state)).toBe(true)
  expect(isFullScreenState('_NET_WM_STATE(ATOM) = _NET_WM_STATE_MAXIMIZED_VERT\n')).toBe(false)
})
