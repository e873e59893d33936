import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { SkeinError } from '#contract/errors.ts'
import {
  findCoreLibraries,
  findGpuBackend,
  type CoreLibraries,
  type GpuKind
} from './library-files.ts'

/** What the lookup needs of the computer; injected, so that every platform is tested on any of them. */
export interface PackageSource {
  readonly platform: NodeJS.Platform
  readonly arch: string
  /** The folder of an installed package, or `undefined`. */
  folderOf(packageName: string): string | undefined
  /** File names in a folder; empty where there is none. */
  filesIn(folder: string): readonly string[]
}

/** Absolute paths of a GPU backend that may be tried. */
export interface GpuBackendFile {
  readonly kind: GpuKind
  readonly path: string
}

export interface LlamaFiles {
  /** Holds the core libraries and the CPU backends. */
  readonly folder: string
  readonly core: CoreLibraries
  /** In the order to try them. */
  readonly gpuBackends: readonly GpuBackendFile[]
}

const platformNames: Partial<Record<NodeJS.Platform, string>> = {
  linux: 'linux',
  win32: 'win',
  darwin: 'mac'
}
const archNames: Readonly<Record<string, string>> = { arm: 'armv7l' }

/** The best first. `cuda-ext` holds the same backend built for older drivers, in `fallback/`. */
const gpuPackages = [
  { suffix: 'cuda', folder: 'cuda', kind: 'cuda', below: '' },
  { suffix: 'cuda-ext', folder: 'cuda', kind: 'cuda', below: 'fallback' },
  { suffix: 'vulkan', folder: 'vulkan', kind: 'vulkan', below: '' },
  { suffix: 'metal', folder: 'metal', kind: 'metal', below: '' }
] as const

/**
 * Where llama.cpp lies on this computer. The core libraries are the same bytes in every variant's package; only one set
 * is loaded, and GPU backends are added to it from theirs. Throws `engine-library-missing`.
 */
export function locateLlama(source: PackageSource): LlamaFiles {
  const arch = archNames[source.arch] ?? source.arch
  const target = `${platformNames[source.platform] ?? source.platform}-${arch}`
  const folderOf = (suffix: string, folder: string): string | undefined => {
    const root = source.folderOf(`@node-llama-cpp/${[target, suffix].filter(Boolean).join('-')}`)
    return root && path.join(root, 'bins', [target, folder].filter(Boolean).join('-'))
  }

  const gpuBackends = gpuPackages.flatMap(({ suffix, folder, kind, below }) => {
    const bins = folderOf(suffix, folder)
    if (bins === undefined) return []
    const place = path.join(bins, below)
    const file = findGpuBackend(source.filesIn(place), kind)
    return file === undefined ? [] : [{ kind, path: path.join(place, file) }]
  })

  // macOS on Apple silicon has one package only, named after Metal, with the CPU backends in it.
  for (const suffix of ['', 'metal', 'vulkan', 'cuda']) {
    const folder = folderOf(suffix, suffix)
    if (folder === undefined) continue
    const core = findCoreLibraries(source.filesIn(folder))
    if (core !== undefined) return { folder, core, gpuBackends }
  }
  throw new SkeinError('engine-library-missing', `@node-llama-cpp/${target}`)
}

/** A library inside Electron's archive cannot be loaded; the packer leaves it beside, unpacked. */
export function outsideArchive(file: string): string {
  return file.replace(/([\\/])app\.asar([\\/])/, '$1app.asar.unpacked$2')
}

/** The packages installed for this process. */
export function installedPackages(): PackageSource {
  // The platform packages are dependencies of node-llama-cpp: found from its place, wherever npm put them.
  const fromHere = createRequire(import.meta.url)
  const fromLibrary = createRequire(fromHere.resolve('node-llama-cpp'))
  return {
    platform: process.platform,
    arch: process.arch,
    folderOf(packageName) {
      try {
        const entry = outsideArchive(fromLibrary.resolve(packageName))
        return entry.slice(0, entry.lastIndexOf(path.normalize(packageName)) + packageName.length)
      } catch {
        return undefined
      }
    },
    filesIn(folder) {
      try {
        return readdirSync(folder)
      } catch {
        return []
      }
    }
  }
}
