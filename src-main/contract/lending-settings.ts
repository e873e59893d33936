import { z } from 'zod'
import { parseTariff } from './tariff.ts'
import { parseWeekTimes } from './week-times.ts'

const pauseOrAllow = z.enum(['pause', 'allow'])
const percent = z.int().min(1).max(100)
const weekTimes = z
  .string()
  .max(500)
  .refine((text) => parseWeekTimes(text) !== undefined, 'not times of the week')
/** Empty, or a moment with its offset from UTC. */
const moment = z.union([z.literal(''), z.iso.datetime({ offset: true })])

/** Presets are names for sets of settings: `settings/presets.ts`. */
const presetNames = ['invisible', 'balanced', 'at-night', 'custom'] as const
export type PresetName = (typeof presetNames)[number]

/**
 * Programs that want the whole computer though they do not always fill a screen: games that run in windows, cutting and recording,
 * rendering, virtual reality. Names as the system lists them, without an ending.
 */
const startList = [
  'blender',
  'davinciresolve',
  'resolve',
  'obs',
  'obs64',
  'obs-studio',
  'premiere',
  'adobe premiere pro',
  'afterfx',
  'kdenlive',
  'handbrake',
  'vrserver',
  'vrcompositor',
  'gamescope',
  'wine64-preloader',
  'league of legends',
  'dota2',
  'cs2',
  'csgo',
  'valorant-win64-shipping',
  'fortniteclient-win64-shipping',
  'overwatch',
  'minecraft',
  'robloxplayerbeta',
  'eldenring',
  'cyberpunk2077'
].join(', ')

/** What the person lends, and when. Each has its unit and a line of help in `setting-notes.ts`. */
export const lendingSettings = {
  preset: z.enum(presetNames).default('balanced'),
  /** Until when nothing is lent: empty when not paused, or `by-hand`. */
  pauseUntil: z.union([moment, z.literal('by-hand')]).default(''),
  pauseAfterAnswers: z.boolean().default(false),
  /** By hand: until then, lend whether or not somebody uses the computer. */
  lendUntil: moment.default(''),
  idleMinutes: z.int().min(1).max(240).default(5),
  whenInUse: z.enum(['pause', 'throttle']).default('pause'),
  inUsePercent: percent.default(20),
  computePercent: percent.default(100),
  onBattery: pauseOrAllow.default('pause'),
  onBatterySaver: pauseOrAllow.default('pause'),
  gpuCelsius: z.int().min(40).max(100).default(80),
  cpuCelsius: z.int().min(40).max(100).default(85),
  celsiusHysteresis: z.int().min(1).max(20).default(5),
  unknownTemperature: z.enum(['throttle', 'pause']).default('throttle'),
  gpuWatts: z.int().min(0).max(2000).default(0),
  keepFreeVramGigabytes: z.number().min(0).max(1000).default(1.5),
  keepFreeVramPercent: z.int().min(0).max(95).default(15),
  keepFreeRamGigabytes: z.number().min(0).max(1000).default(1.5),
  keepFreeRamPercent: z.int().min(0).max(95).default(15),
  yieldGpu: z.boolean().default(true),
  yieldCpuPercent: percent.default(50),
  onFullScreen: pauseOrAllow.default('pause'),
  exclusivePrograms: z.string().max(10_000).default(startList),
  onMetered: pauseOrAllow.default('pause'),
  transferGigabytesPerMonth: z.number().min(0).max(1_000_000).default(0),
  /** Every month has a 28th. */
  monthStartsOn: z.int().min(1).max(28).default(1),
  computeSchedule: weekTimes.default('always'),
  transferSchedule: weekTimes.default('always'),
  electricityTariff: z
    .string()
    .max(500)
    .refine((text) => text === '' || parseTariff(text) !== undefined, 'not a tariff')
    .default(''),
  electricityPriceCeiling: z.number().min(0).max(1000).default(0),
  electricityCostPerMonth: z.number().min(0).max(1_000_000).default(0)
}

/** Names of a list such as `exclusivePrograms`, in small letters. */
export function programNames(list: string): readonly string[] {
  const names = list.split(',').map((name) => name.trim().toLowerCase())
  return names.filter((name) => name !== '')
}
