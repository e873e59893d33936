import { firstSource } from './first-source.ts'
import { cpuLoadSource, memorySource } from './cpu-load.ts'
import { amdSysfs } from './gpu/amd-sysfs.ts'
import { nvidiaSmi } from './gpu/nvidia-smi.ts'
import { nvmlSource } from './gpu/nvml.ts'
import type { OwnGpuUse } from './gpu/own-gpu-use.ts'
import { DbusLink, type DbusCaller } from './linux/dbus.ts'
import { xpropFullScreen } from './linux/full-screen.ts'
import { hwmonSource } from './linux/hwmon.ts'
import { kdeIdle, logindIdle, logindLocked, mutterIdle, xprintidle } from './linux/idle.ts'
import { netCounterSource } from './linux/net-counters.ts'
import { powerSupplySource } from './linux/power-supply.ts'
import { cpuMillisOfAll, processSource } from './linux/processes.ts'
import { networkManagerMetered, powerProfileSavers } from './linux/system-services.ts'
import { unsupported, type SignalSources } from './signal-source.ts'

export interface SourceOptions {
  readonly own: OwnGpuUse
  /** Every process of Skein. */
  readonly processIds: () => readonly number[]
  /** Programs of the person's list, in small letters. */
  readonly exclusivePrograms: () => readonly string[]
  /** What a window's runtime can tell of its system and this folder cannot: it goes before what stands here. */
  readonly fromShell?: Partial<SignalSources>
}

/** Which adapter reads which signal, for each platform: the one place where that is decided. */
export function chooseSources(
  options: SourceOptions,
  platform: NodeJS.Platform = process.platform,
  env: NodeJS.ProcessEnv = process.env
): SignalSources {
  const own = platform === 'linux' ? linuxSources(options, env) : otherSources(options)
  return { ...own, ...options.fromShell }
}

function linuxSources(options: SourceOptions, env: NodeJS.ProcessEnv): SignalSources {
  const session = new DbusLink(env['DBUS_SESSION_BUS_ADDRESS'])
  const system = new DbusLink(
    env['DBUS_SYSTEM_BUS_ADDRESS'] ?? 'unix:path=/run/dbus/system_bus_socket'
  )
  return {
    ...otherSources(options),
    ...linuxDesktop(session, system),
    onBattery: powerSupplySource(),
    cpuByOthers: cpuLoadSource(() => cpuMillisOfAll(options.processIds())),
    gpus: firstSource([nvmlSource(options.own), nvidiaSmi(options.own), amdSysfs(options.own)]),
    cpuCelsius: hwmonSource(),
    exclusivePrograms: processSource(options.exclusivePrograms),
    traffic: netCounterSource()
  }
}

function linuxDesktop(
  session: DbusCaller,
  system: DbusCaller
): Pick<SignalSources, 'idle' | 'locked' | 'batterySaver' | 'metered' | 'fullScreen'> {
  const [saver, olderSaver] = powerProfileSavers(system)
  return {
    idle: closing(
      firstSource([mutterIdle(session), kdeIdle(session), xprintidle(), logindIdle(system)]),
      () => session.close()
    ),
    locked: closing(logindLocked(system), () => system.close()),
    batterySaver:
      saver === undefined || olderSaver === undefined
        ? unsupported()
        : firstSource([saver, olderSaver]),
    metered: networkManagerMetered(system),
    fullScreen: xpropFullScreen()
  }
}

/** What can be read on any system. The rest is for the shell to tell. */
function otherSources({ own }: SourceOptions): SignalSources {
  return {
    idle: unsupported(),
    locked: unsupported(),
    onBattery: unsupported(),
    batterySaver: unsupported(),
    cpuByOthers: unsupported(),
    memory: memorySource(),
    gpus: firstSource([nvmlSource(own), nvidiaSmi(own)]),
    cpuCelsius: unsupported(),
    thermalState: unsupported(),
    fullScreen: unsupported(),
    exclusivePrograms: unsupported(),
    metered: unsupported(),
    traffic: unsupported()
  }
}

function closing<Source extends object>(
  source: Source,
  close: () => void
): Source & { close(): void } {
  return Object.assign(source, { close })
}
