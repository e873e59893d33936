import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  locateLlama,
  outsideArchive,
  type PackageSource
} from '#engine/bindings/library-packages.ts'

/** File lists of the published packages, version 3.21.1. */
const listsFile = new URL('../../support/engine/package-files.json', import.meta.url)
const lists = new Map(
  Object.entries(
    z.record(z.string(), z.array(z.string())).parse(JSON.parse(readFileSync(listsFile, 'utf8')))
  )
)

/** A computer with some of the packages installed under `/m`. */
function computer(platform: NodeJS.Platform, arch: string, packages: readonly string[]) {
  const installed = packages.map((name) => `@node-llama-cpp/${name}`)
  for (const name of installed) expect(lists.has(name), name).toBe(true)
  const source: PackageSource = {
    platform,
    arch,
    folderOf: (name) => (installed.includes(name) ? path.join('/m', name) : undefined),
    filesIn: (folder) =>
      installed.flatMap((name) =>
        (lists.get(name) ?? [])
          .map((file) => path.join('/m', name, file))
          .filter((file) => path.dirname(file) === folder)
          .map((file) => path.basename(file))
      )
  }
  return locateLlama(source)
}

const bins = (name: string, ...rest: string[]): string =>
  path.join('/m/@node-llama-cpp', name, 'bins', ...rest)

describe('locateLlama', () => {
  it('finds the libraries and the GPU backends of Linux, best first', () => {
    const found = computer('linux', 'x64', [
      'linux-x64-vulkan',
      'linux-x64-cuda-ext',
      'linux-x64-cuda',
      'linux-x64'
    ])
    expect(found).toEqual({
      folder: bins('linux-x64', 'linux-x64'),
      core: { base: 'libggml-base.so', ggml: 'libggml.v0.4.0.so', llama: 'libllama.v0.4.0.so' },
      gpuBackends: [
        { kind: 'cuda', path: bins('linux-x64-cuda', 'linux-x64-cuda', 'libggml-cuda.so') },
        {
          kind: 'cuda',
          path: bins('linux-x64-cuda-ext', 'linux-x64-cuda', 'fallback', 'libggml-cuda.so')
        },
        { kind: 'vulkan', path: bins('linux-x64-vulkan', 'linux-x64-vulkan', 'libggml-vulkan.so') }
      ]
    })
  })

  it('finds those of Windows', () => {
    const packages = ['win-x64', 'win-x64-cuda', 'win-x64-cuda-ext', 'win-x64-vulkan']
    expect(computer('win32', 'x64', packages)).toEqual({
      folder: bins('win-x64', 'win-x64'),
      core: { base: 'ggml-base.dll', ggml: 'ggml.v0.4.0.dll', llama: 'llama.v0.4.0.dll' },
      gpuBackends: [
        { kind: 'cuda', path: bins('win-x64-cuda', 'win-x64-cuda', 'ggml-cuda.dll') },
        {
          kind: 'cuda',
          path: bins('win-x64-cuda-ext', 'win-x64-cuda', 'fallback', 'ggml-cuda.dll')
        },
        { kind: 'vulkan', path: bins('win-x64-vulkan', 'win-x64-vulkan', 'ggml-vulkan.dll') }
      ]
    })
  })

  it('finds those of Apple silicon, whose only package is the one for Metal', () => {
    expect(computer('darwin', 'arm64', ['mac-arm64-metal'])).toEqual({
      folder: bins('mac-arm64-metal', 'mac-arm64-metal'),
      core: {
        base: 'libggml-base.dylib',
        ggml: 'libggml.metal.v0.4.0.dylib',
        llama: 'libllama.metal.v0.4.0.dylib'
      },
      gpuBackends: [
        { kind: 'metal', path: bins('mac-arm64-metal', 'mac-arm64-metal', 'libggml-metal.so') }
      ]
    })
  })

  it.each([
    ['linux', 'arm64', 'linux-arm64', 'libllama.v0.4.0.so'],
    ['linux', 'arm', 'linux-armv7l', 'libllama.v0.4.0.so'],
    ['win32', 'arm64', 'win-arm64', 'llama.v0.4.0.dll'],
    ['darwin', 'x64', 'mac-x64', 'libllama.v0.4.0.dylib']
  ] as const)('finds those of %s on %s', (platform, arch, name, llama) => {
    const found = computer(platform, arch, [name])
    expect(found.core.llama).toBe(llama)
    expect(found.gpuBackends).toEqual([])
  })

  it('takes the core libraries of a GPU package where only that one is installed', () => {
    const found = computer('linux', 'x64', ['linux-x64-vulkan'])
    expect(found.folder).toBe(bins('linux-x64-vulkan', 'linux-x64-vulkan'))
    expect(found.core.llama).toBe('libllama.vulkan.v0.4.0.so')
  })

  it('refuses a computer that llama.cpp has no package for', () => {
    expect(() => computer('linux', 'x64', [])).toThrow('engine-library-missing')
    expect(() => computer('freebsd', 'x64', ['linux-x64'])).toThrow('@node-llama-cpp/freebsd-x64')
  })
})

describe('outsideArchive', () => {
  it('leads out of the archive of an installed Electron application', () => {
    const inside = path.join('/opt/Skein/resources/app.asar/node_modules/x/index.js')
    expect(outsideArchive(inside)).toBe(
      path.join('/opt/Skein/resources/app.asar.unpacked/node_modules/x/index.js')
    )
  })

  it('leaves other paths alone', () => {
    expect(outsideArchive('/home/app.asar.d/x')).toBe('/home/app.asar.d/x')
  })
})
