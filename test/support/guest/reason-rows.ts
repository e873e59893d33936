import type { ReasonFacts } from '#contract/decision.ts'
import type { ReasonName } from '#contract/reasons.ts'
import { calmSignals, hour, noon, value, without, type Change } from './known.ts'

export interface ReasonRow {
  /** What makes it so on a computer where lending may go on. */
  readonly change: Change
  /** How long it must be so before it counts, milliseconds. */
  readonly afterMs?: number
  readonly sentence: string
  readonly facts?: ReasonFacts
}

const gpu = calmSignals.gpus.kind === 'value' ? calmSignals.gpus.value[0] : undefined
const gpuWith = (values: object): Change => ({
  signals: { gpus: value(gpu === undefined ? [] : [{ ...gpu, ...values }]) }
})

/** One row for each reason that stops something: what makes it so, and the sentence that everybody sees then. */
export const reasonRows: {
  readonly [Name in Exclude<ReasonName, 'settling' | 'lending'>]: ReasonRow
} = {
  'not-agreed': {
    change: { settings: { lending: false } },
    sentence: 'Off: you have not agreed to lend this computer. Starts when you turn it on.'
  },
  'paused-by-person': {
    change: { settings: { pauseUntil: new Date(noon + hour).toISOString() } },
    sentence: 'Paused: you asked for it. Resumes at 13:00.'
  },
  finishing: {
    change: { settings: { pauseUntil: 'by-hand', pauseAfterAnswers: true }, own: { answers: 3 } },
    sentence:
      'Finishing the answers at work: you asked for a pause after them. Pauses when 3 answers have ended.'
  },
  'gpu-gone': {
    change: without('gpus', 'gone'),
    sentence:
      'Problem: a graphics card that was in use does not answer any more. Resumes when it has answered for 1 min.'
  },
  'too-hot': {
    change: { signals: { cpuCelsius: value(90) } },
    afterMs: 3000,
    sentence: 'Paused: the processor is at its temperature ceiling. Resumes below 80 °C.'
  },
  'system-hot': {
    change: { signals: { thermalState: value('serious') } },
    sentence:
      'Paused: the operating system says that this computer is too warm. Resumes when it has been cool for 5 min.'
  },
  'on-battery': {
    change: { signals: { onBattery: value(true) } },
    sentence: 'Paused: this computer runs on its battery. Resumes after 1 min on mains power.'
  },
  'battery-saver': {
    change: { signals: { batterySaver: value(true) } },
    sentence: 'Paused: the battery saver is on. Resumes 30 s after it is turned off.'
  },
  'in-use': {
    change: { signals: { idle: value(1000) } },
    sentence: 'Paused: you are using this computer. Resumes after 5 min without input.'
  },
  'full-screen': {
    change: { signals: { fullScreen: value(true) } },
    sentence: 'Paused: a program fills the screen. Resumes 30 s after it is left.'
  },
  'exclusive-program': {
    change: { signals: { exclusivePrograms: value(['blender']) } },
    sentence: 'Paused: blender is running. Resumes 15 s after it has ended.'
  },
  'gpu-wanted': {
    change: gpuWith({ useByOthers: 0.8 }),
    afterMs: 5000,
    sentence:
      'Paused: another program needs the graphics card. Resumes when it has been free for 1 min.'
  },
  'cpu-wanted': {
    change: { signals: { cpuByOthers: value(0.7) } },
    afterMs: 10_000,
    sentence:
      'Paused: other programs need the processor. Resumes when they have used less than 40 % of it for 1 min.'
  },
  'memory-wanted': {
    change: {
      signals: { memory: value({ bytes: 32e9, availableBytes: 1e9 }) },
      own: { memoryBytes: 2e9 }
    },
    afterMs: 1000,
    sentence:
      'Paused: this computer’s memory is nearly full. Resumes when 6.8 GB have been free for 1 min.'
  },
  metered: {
    change: { signals: { metered: value(true) } },
    sentence:
      'Paused: the connection is metered. Resumes 30 s after the connection is an unmetered one.'
  },
  'outside-schedule': {
    change: { settings: { computeSchedule: '22:00-07:00', transferSchedule: '22:00-07:00' } },
    sentence: 'Waiting: your schedule says not now. Starts at 22:00.'
  },
  'price-high': {
    change: {
      settings: { electricityTariff: '0.2; mon-fri 9-14 0.4', electricityPriceCeiling: 0.3 }
    },
    sentence: 'Waiting: electricity costs 0.4 now, more than your ceiling of 0.3. Starts at 14:00.'
  },
  'cost-reached': {
    change: {
      settings: { electricityTariff: '0.2; mon-fri 9-14 0.4', electricityCostPerMonth: 5 },
      own: { cost: 5.01 }
    },
    sentence:
      'Waiting: this month’s electricity budget of 5 is used up. Starts on 1 December at 00:00.'
  },
  'transfer-cap': {
    change: { settings: { transferGigabytesPerMonth: 50 }, own: { transferredBytes: 50e9 } },
    sentence: 'Waiting: this month’s 50 GB of transfers are used up. Starts on 1 December at 00:00.'
  },
  'idle-unknown': {
    change: without('idle', 'unsupported'),
    sentence:
      'Waiting: this desktop does not tell whether you are using the computer. Starts in the hours of a schedule, or when you say so.'
  },
  'sensor-unknown': {
    change: without('exclusivePrograms', 'failed'),
    sentence:
      'Waiting: nothing is known of the running programs. Starts when it can be read, or when you turn off what depends on it.'
  },
  'metered-unknown': {
    change: without('metered', 'unsupported'),
    sentence:
      'Waiting: it is not known whether the connection is metered. Starts when the system tells, or when you set "onMetered" to "allow".'
  },
  'lending-in-use': {
    change: { settings: { whenInUse: 'throttle' }, signals: { idle: value(1000) } },
    sentence: 'Lending 20 %: you are using this computer. Lends more after 5 min without input.'
  }
}
