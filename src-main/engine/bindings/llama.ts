import path from 'node:path'
import { SkeinError } from '#contract/errors.ts'
import type { DeviceChoice } from '../stage-types.ts'
import { bindAdapter } from './adapter.ts'
import { bindContext } from './context.ts'
import { bindDevices, type Device } from './devices.ts'
import { NativeLibrary } from './ffi.ts'
import { chooseGpu } from './gpu-choice.ts'
import { installedPackages, locateLlama, type LlamaFiles } from './library-packages.ts'
import { LlamaLog } from './llama-log.ts'
import { bindModel } from './model.ts'
import { bindSampler } from './sampler.ts'
import { checkBuild, checkVersion } from './self-check.ts'
import { bindTensor } from './tensor.ts'
import { bindThreadPool } from './thread-pool.ts'
import { bindVocab } from './vocab.ts'

/** llama.cpp, bound and checked. */
export interface Llama {
  readonly version: string
  /** The processor's features that it found. */
  readonly systemInfo: string
  readonly log: LlamaLog
  readonly model: ReturnType<typeof bindModel>
  readonly adapter: ReturnType<typeof bindAdapter>
  readonly context: ReturnType<typeof bindContext>
  readonly tensor: ReturnType<typeof bindTensor>
  readonly vocab: ReturnType<typeof bindVocab>
  readonly sampler: ReturnType<typeof bindSampler>
  readonly threadPool: ReturnType<typeof bindThreadPool>
  /** The GPU to compute on, `undefined` for the CPU. */
  chooseGpu(choice: DeviceChoice): Device | undefined
  devices(): readonly Device[]
}

let loaded: Llama | undefined

/**
 * Loads llama.cpp into this process, once. Throws `engine-library-missing`, or `engine-build-unknown` for a build whose
 * structs are not the ones that the bindings describe.
 */
export function loadLlama(): Llama {
  loaded ??= load(locateLlama(installedPackages()))
  return loaded
}

function openLibrary(file: string): NativeLibrary {
  try {
    return new NativeLibrary(file)
  } catch (error) {
    throw new SkeinError('engine-library-missing', `${file}: ${String(error)}`, { cause: error })
  }
}

function load({ folder, core, gpuBackends }: LlamaFiles): Llama {
  const ggmlBase = openLibrary(path.join(folder, core.base))
  const ggml = openLibrary(path.join(folder, core.ggml))
  const llama = openLibrary(path.join(folder, core.llama))
  const version = llama.text('str llama_version()')()
  checkVersion(version)
  checkBuild({
    version: version ?? '',
    modelDefaults: llama.struct('llama_model_params llama_model_default_params()')(),
    contextDefaults: llama.struct('llama_context_params llama_context_default_params()')()
  })
  const log = new LlamaLog(llama)
  const devices = bindDevices(ggml, ggmlBase)
  devices.loadFolder(folder)
  llama.nothing('void llama_backend_init()')()
  return {
    version: version ?? '',
    systemInfo: llama.text('str llama_print_system_info()')() ?? '',
    log,
    model: bindModel(llama),
    adapter: bindAdapter(llama),
    context: bindContext(llama),
    tensor: bindTensor(ggmlBase),
    vocab: bindVocab(llama),
    sampler: bindSampler(llama),
    threadPool: bindThreadPool(ggml, ggmlBase, llama),
    chooseGpu: (choice) =>
      chooseGpu(choice, gpuBackends, {
        loadBackend: devices.loadBackend,
        listDevices: devices.list
      }),
    devices: devices.list
  }
}
