/** What lending is doing. */
export const lendingStates = [
  /** The person has not agreed to it. */
  'off',
  /** Agreed to, and not now: the calendar, the budget, or something that is not known. */
  'waiting',
  'lending',
  /** No new answers; those at work end. */
  'finishing',
  /** Agreed to, and stopped by the person or for the sake of this computer. */
  'paused',
  'problem'
] as const
export type LendingState = (typeof lendingStates)[number]

export const reasonIcons = [
  'power',
  'pause',
  'hourglass',
  'alert',
  'flame',
  'battery',
  'leaf',
  'person',
  'screen',
  'app',
  'gpu',
  'cpu',
  'memory',
  'network',
  'calendar',
  'coin',
  'question',
  'wave',
  'gauge',
  'share'
] as const
type ReasonIcon = (typeof reasonIcons)[number]

interface ReasonText {
  readonly state: LendingState
  readonly icon: ReasonIcon
  /** The reason alone, where several are told. */
  readonly short: string
  /** What is so, and why. `{fact}` stands for one of the decision's facts. */
  readonly sentence: string
  /** What ends it. */
  readonly until: string
  /** For whoever wants to know more, or to change it. */
  readonly help: string
}

/**
 * Every reason that lending may have for what it does: the one list behind page, command line, API, log and tray. Which one is told when
 * several hold is `policy/priority.ts`.
 */
export const reasons = {
  'not-agreed': {
    state: 'off',
    icon: 'power',
    short: 'lending is off',
    sentence: 'Off: you have not agreed to lend this computer.',
    until: 'Starts when you turn it on.',
    help: 'Nothing of this computer is used for others. You can chat all the same. Turn on "lending" to share its processor and graphics card, "seeding" to share models.'
  },
  'paused-by-person': {
    state: 'paused',
    icon: 'pause',
    short: 'you asked for a pause',
    sentence: 'Paused: you asked for it.',
    until: 'Resumes {end}.',
    help: 'Resume at any time; the pause ends by itself where you gave it a time.'
  },
  finishing: {
    state: 'finishing',
    icon: 'hourglass',
    short: 'you asked for a pause after the answers at work',
    sentence: 'Finishing the answers at work: you asked for a pause after them.',
    until: 'Pauses when {answers} have ended.',
    help: 'No new work is taken. Resume to go on lending, or pause now to stop at once.'
  },
  'gpu-gone': {
    state: 'problem',
    icon: 'alert',
    short: 'a graphics card does not answer',
    sentence: 'Problem: a graphics card that was in use does not answer any more.',
    until: 'Resumes when it has answered for {hold}.',
    help: 'Its driver was updated or has crashed, or the card was unplugged. Restart the computer if it does not come back.'
  },
  'too-hot': {
    state: 'paused',
    icon: 'flame',
    short: 'the computer is too warm',
    sentence: 'Paused: {device} is at its temperature ceiling.',
    until: 'Resumes below {celsius} °C.',
    help: 'Skein slows down before the ceiling; something else warms this computer too, or its cooling is weak. The ceilings are the settings "gpuCelsius" and "cpuCelsius".'
  },
  'system-hot': {
    state: 'paused',
    icon: 'flame',
    short: 'the system says that the computer is too warm',
    sentence: 'Paused: the operating system says that this computer is too warm.',
    until: 'Resumes when it has been cool for {hold}.',
    help: 'The system slows the processor down by itself at that point. Check the cooling if it happens often.'
  },
  'on-battery': {
    state: 'paused',
    icon: 'battery',
    short: 'it runs on its battery',
    sentence: 'Paused: this computer runs on its battery.',
    until: 'Resumes after {hold} on mains power.',
    help: 'Set "onBattery" to "allow" to lend on battery too.'
  },
  'battery-saver': {
    state: 'paused',
    icon: 'leaf',
    short: 'the battery saver is on',
    sentence: 'Paused: the battery saver is on.',
    until: 'Resumes {hold} after it is turned off.',
    help: 'Set "onBatterySaver" to "allow" to lend all the same.'
  },
  'in-use': {
    state: 'paused',
    icon: 'person',
    short: 'you are using this computer',
    sentence: 'Paused: you are using this computer.',
    until: 'Resumes after {idle} without input.',
    help: 'The time is the setting "idleMinutes". Set "whenInUse" to "throttle" to lend a small share meanwhile.'
  },
  'full-screen': {
    state: 'paused',
    icon: 'screen',
    short: 'a program fills the screen',
    sentence: 'Paused: a program fills the screen.',
    until: 'Resumes {hold} after it is left.',
    help: 'Games, films and talks get the whole computer. Set "onFullScreen" to "allow" to lend all the same.'
  },
  'exclusive-program': {
    state: 'paused',
    icon: 'app',
    short: 'a program of your list is running',
    sentence: 'Paused: {program} is running.',
    until: 'Resumes {hold} after it has ended.',
    help: 'It is on the list "exclusivePrograms", which you can change.'
  },
  'gpu-wanted': {
    state: 'paused',
    icon: 'gpu',
    short: 'another program needs the graphics card',
    sentence: 'Paused: another program needs the graphics card.',
    until: 'Resumes when it has been free for {hold}.',
    help: 'Set "yieldGpu" to "off" to share the graphics card with other programs.'
  },
  'cpu-wanted': {
    state: 'paused',
    icon: 'cpu',
    short: 'other programs need the processor',
    sentence: 'Paused: other programs need the processor.',
    until: 'Resumes when they have used less than {percent} % of it for {hold}.',
    help: 'The share is the setting "yieldCpuPercent"; 100 never pauses.'
  },
  'memory-wanted': {
    state: 'paused',
    icon: 'memory',
    short: 'memory is nearly full',
    sentence: 'Paused: {memory} is nearly full.',
    until: 'Resumes when {gigabytes} GB have been free for {hold}.',
    help: 'How much stays free is set by "keepFreeRamGigabytes", "keepFreeVramGigabytes" and their shares in percent.'
  },
  metered: {
    state: 'paused',
    icon: 'network',
    short: 'the connection is metered',
    sentence: 'Paused: the connection is metered.',
    until: 'Resumes {hold} after the connection is an unmetered one.',
    help: 'Set "onMetered" to "allow" to lend all the same.'
  },
  'outside-schedule': {
    state: 'waiting',
    icon: 'calendar',
    short: 'your schedule says not now',
    sentence: 'Waiting: your schedule says not now.',
    until: 'Starts {end}.',
    help: 'The schedules are the settings "computeSchedule" and "transferSchedule".'
  },
  'price-high': {
    state: 'waiting',
    icon: 'coin',
    short: 'electricity is too expensive now',
    sentence: 'Waiting: electricity costs {price} now, more than your ceiling of {ceiling}.',
    until: 'Starts {end}.',
    help: 'Prices are per kWh. They are the setting "electricityTariff", the ceiling is "electricityPriceCeiling".'
  },
  'cost-reached': {
    state: 'waiting',
    icon: 'coin',
    short: 'the electricity budget is used up',
    sentence: 'Waiting: this month’s electricity budget of {ceiling} is used up.',
    until: 'Starts {end}.',
    help: 'The budget is the setting "electricityCostPerMonth", in the money of your tariff.'
  },
  'transfer-cap': {
    state: 'waiting',
    icon: 'network',
    short: 'the monthly transfers are used up',
    sentence: 'Waiting: this month’s {gigabytes} GB of transfers are used up.',
    until: 'Starts {end}.',
    help: 'The cap is the setting "transferGigabytesPerMonth"; the month begins on the day "monthStartsOn".'
  },
  'idle-unknown': {
    state: 'waiting',
    icon: 'question',
    short: 'it is not known whether you are using this computer',
    sentence: 'Waiting: this desktop does not tell whether you are using the computer.',
    until: 'Starts in the hours of a schedule, or when you say so.',
    help: 'Set "computeSchedule" to hours in which you do not need the computer, or start lending by hand for some hours.'
  },
  'sensor-unknown': {
    state: 'waiting',
    icon: 'question',
    short: 'a sensor cannot be read',
    sentence: 'Waiting: nothing is known of {sensor}.',
    until: 'Starts when it can be read, or when you turn off what depends on it.',
    help: 'A limit that cannot be watched cannot be kept, so nothing is lent meanwhile. "npm run skein -- status" tells what is missing.'
  },
  'metered-unknown': {
    state: 'waiting',
    icon: 'question',
    short: 'it is not known whether the connection is metered',
    sentence: 'Waiting: it is not known whether the connection is metered.',
    until: 'Starts when the system tells, or when you set "onMetered" to "allow".',
    help: 'Models are large, so they are shared only over connections that are known to be free.'
  },
  settling: {
    state: 'waiting',
    icon: 'wave',
    short: 'it had to stop several times',
    sentence: 'Waiting: lending had to stop several times in the last hour.',
    until: 'Resumes {end}, when things have calmed down.',
    help: 'Starting and stopping all the time would help nobody, and each start costs a load of the model.'
  },
  'lending-in-use': {
    state: 'lending',
    icon: 'gauge',
    short: 'you are using this computer',
    sentence: 'Lending {percent} %: you are using this computer.',
    until: 'Lends more after {idle} without input.',
    help: 'The share is the setting "inUsePercent". Set "whenInUse" to "pause" to lend nothing meanwhile.'
  },
  lending: {
    state: 'lending',
    icon: 'share',
    short: 'nothing holds it up',
    sentence: 'Lending.',
    until: 'Pauses as soon as you need this computer.',
    help: 'Other peers may use what you have not kept for yourself.'
  }
} as const satisfies Record<string, ReasonText>

export type ReasonName = keyof typeof reasons

function isReasonName(name: string): name is ReasonName {
  return Object.hasOwn(reasons, name)
}

export const reasonNames: readonly ReasonName[] = Object.keys(reasons).filter(isReasonName)
