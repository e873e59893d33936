import type { SettingName } from './settings.ts'

export interface SettingNote {
  /** Of a number; empty where the value says it. */
  readonly unit: string
  readonly help: string
}

/** What a person is told of each setting, wherever settings are shown. */
export const settingNotes: { readonly [Name in SettingName]: SettingNote } = {
  lending: { unit: '', help: 'Let other peers use this computer’s processor and graphics card.' },
  seeding: { unit: '', help: 'Let other peers have the models of this computer.' },
  uploadKilobytesPerSecond: {
    unit: 'kB/s',
    help: 'Most that models take of the uplink; 0 sets no limit.'
  },
  uploadGigabytesPerMonth: {
    unit: 'GB',
    help: 'Most that models take of the uplink in a month; 0 sets no limit.'
  },
  downloadKilobytesPerSecond: {
    unit: 'kB/s',
    help: 'Most that models take of the downlink; 0 sets no limit.'
  },
  modelDiskGigabytes: {
    unit: 'GB',
    help: 'Most disk for models that came from peers or the web; more is refused, nothing is deleted. 0 sets no limit.'
  },
  apiPort: { unit: '', help: 'Loopback port of the page and the API; 0 takes any free one.' },
  threads: {
    unit: 'threads',
    help: 'Processor threads of the engine; 0 chooses by the model’s size.'
  },
  contextTokens: {
    unit: 'tokens',
    help: 'Length of all conversations together with a model that is loaded whole.'
  },
  preset: {
    unit: '',
    help: 'A set of settings by its name; "custom" once one of them was changed by itself.'
  },
  pauseUntil: {
    unit: '',
    help: 'Lend nothing until then: a time such as 2027-01-31T18:00:00Z, "by-hand", or nothing.'
  },
  pauseAfterAnswers: { unit: '', help: 'Let the answers at work end before a pause begins.' },
  lendUntil: { unit: '', help: 'Lend until then whether or not somebody uses the computer.' },
  idleMinutes: { unit: 'min', help: 'Time without input after which nobody uses the computer.' },
  whenInUse: { unit: '', help: 'What lending does while you use the computer: pause or throttle.' },
  inUsePercent: {
    unit: '%',
    help: 'Share of the time that others may compute while you use the computer, where it throttles.'
  },
  computePercent: { unit: '%', help: 'Share of the time that others may compute at all.' },
  onBattery: { unit: '', help: 'What lending does on battery: pause or allow.' },
  onBatterySaver: {
    unit: '',
    help: 'What lending does while the battery saver is on: pause or allow.'
  },
  gpuCelsius: { unit: '°C', help: 'Temperature ceiling of each graphics card.' },
  cpuCelsius: { unit: '°C', help: 'Temperature ceiling of the processor.' },
  celsiusHysteresis: {
    unit: '°C',
    help: 'How far below its ceiling a device that was too warm has to cool.'
  },
  unknownTemperature: {
    unit: '',
    help: 'For a device that does not tell its temperature: throttle to half, or pause.'
  },
  gpuWatts: { unit: 'W', help: 'Power ceiling of each graphics card; 0 sets none.' },
  keepFreeVramGigabytes: {
    unit: 'GB',
    help: 'Graphics memory that stays free for you, or the share below if that is more.'
  },
  keepFreeVramPercent: { unit: '%', help: 'Share of the graphics memory that stays free for you.' },
  keepFreeRamGigabytes: {
    unit: 'GB',
    help: 'Memory that stays free for you, or the share below if that is more.'
  },
  keepFreeRamPercent: { unit: '%', help: 'Share of the memory that stays free for you.' },
  yieldGpu: { unit: '', help: 'Pause when another program needs the graphics card.' },
  yieldCpuPercent: {
    unit: '%',
    help: 'Pause when other programs use more of the processor; 100 never pauses.'
  },
  onFullScreen: {
    unit: '',
    help: 'What lending does while a program fills a screen: pause or allow.'
  },
  exclusivePrograms: {
    unit: '',
    help: 'Programs that get the whole computer while they run, with commas between.'
  },
  onMetered: { unit: '', help: 'What lending does on a metered connection: pause or allow.' },
  transferGigabytesPerMonth: {
    unit: 'GB',
    help: 'Most that Skein sends and receives in a month; 0 sets no limit.'
  },
  monthStartsOn: { unit: 'day', help: 'Day of the month on which caps and budgets begin anew.' },
  computeSchedule: {
    unit: '',
    help: 'When others may compute: "always", "never" or such as "mon-fri 22:00-07:00; sat,sun".'
  },
  transferSchedule: { unit: '', help: 'When models may be shared, likewise.' },
  electricityTariff: {
    unit: 'money/kWh',
    help: 'What electricity costs: "0.30", or such as "0.30; mon-fri 17:00-21:00 0.45".'
  },
  electricityPriceCeiling: {
    unit: 'money/kWh',
    help: 'Lend nothing while electricity costs more; 0 sets no ceiling.'
  },
  electricityCostPerMonth: {
    unit: 'money',
    help: 'Most that lending may cost in a month; 0 sets no ceiling.'
  }
}
