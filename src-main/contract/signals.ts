/** Why a signal has no value. Unknown is never read as fine: `policy/` says what each one means for lending. */
export type UnavailableReason =
  /** Not read yet. */
  | 'starting'
  /** This operating system or desktop has no way to tell. */
  | 'unsupported'
  /** There is no such device in this computer. */
  | 'no-device'
  /** The device was there and is gone. */
  | 'gone'
  /** It did not answer within its time limit. */
  | 'timed-out'
  /** It answered with an error. */
  | 'failed'
  /** It answered with a number that cannot be: NaN, negative, out of range. */
  | 'implausible'
  /** It has answered with the same number for too long to be a live sensor. */
  | 'stuck'
  /** The last value is too old, for instance after sleep. */
  | 'stale'

/** What one signal says now. */
export type Reading<Value> =
  | {
      readonly kind: 'value'
      readonly value: Value
      /** Milliseconds, monotonic: its age is the difference to now. */
      readonly readAt: number
      /** Who said so, for people and logs: `NVML`, `GNOME`, `/sys/class/power_supply`. */
      readonly source: string
    }
  | { readonly kind: 'unavailable'; readonly reason: UnavailableReason; readonly source: string }

/** One GPU. What its driver does not tell is absent. Shares are 0 to 1. */
export interface GpuReading {
  /** Stable as long as the device stays where it is: its PCI address. */
  readonly id: string
  readonly name: string
  readonly celsius?: number
  readonly watts?: number
  /** Most that the driver lets it draw. */
  readonly wattsLimit?: number
  /** Share of the time in which something computed on it. */
  readonly use?: number
  /** The part of `use` that is not Skein's. */
  readonly useByOthers?: number
  readonly memoryBytes?: number
  readonly memoryUsedBytes?: number
  /** The part of `memoryUsedBytes` that is not Skein's. */
  readonly memoryByOthersBytes?: number
  /** Why the driver holds its clock down. */
  readonly throttledBy?: readonly ThrottleCause[]
}

export type ThrottleCause = 'heat' | 'power' | 'hardware' | 'other'

/** How hot the operating system says that it is: the steps of macOS, which other systems are put on. */
type ThermalState = 'nominal' | 'fair' | 'serious' | 'critical'

export interface SignalValues {
  /** Milliseconds since the last input of the person. */
  readonly idle: number
  /** Whether the screen is locked. */
  readonly locked: boolean
  /** Where the power comes from; a computer without a battery is on mains power. */
  readonly onBattery: boolean
  readonly batterySaver: boolean
  /** Share of all cores, 0 to 1, that programs other than Skein use. */
  readonly cpuByOthers: number
  readonly memory: { readonly bytes: number; readonly availableBytes: number }
  readonly gpus: readonly GpuReading[]
  readonly cpuCelsius: number
  readonly thermalState: ThermalState
  /** Whether a program covers a whole screen. */
  readonly fullScreen: boolean
  /** Names of programs at work that are on the person's list. */
  readonly exclusivePrograms: readonly string[]
  /** Whether bytes cost money on the present connection. */
  readonly metered: boolean
  /** Since the computer started, over all real interfaces. */
  readonly traffic: { readonly receivedBytes: number; readonly sentBytes: number }
}

export type SignalName = keyof SignalValues
export type Signals = { readonly [Name in SignalName]: Reading<SignalValues[Name]> }

/** What a signal is called in a sentence. */
export const signalNouns: { readonly [Name in SignalName]: string } = {
  idle: 'the last input',
  locked: 'the screen lock',
  onBattery: 'the power source',
  batterySaver: 'the battery saver',
  cpuByOthers: 'the use of the processor',
  memory: 'the free memory',
  gpus: 'the graphics card',
  cpuCelsius: 'the processor’s temperature',
  thermalState: 'the system’s thermal state',
  fullScreen: 'full-screen programs',
  exclusivePrograms: 'the running programs',
  metered: 'the cost of the connection',
  traffic: 'the network’s counters'
}

function isSignalName(name: string): name is SignalName {
  return Object.hasOwn(signalNouns, name)
}

export const signalNames: readonly SignalName[] = Object.keys(signalNouns).filter(isSignalName)
