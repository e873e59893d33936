/**
 * Which files of a node-llama-cpp platform package are llama.cpp: a pure function over file names, so that every
 * platform's names are tested on any of them. Windows: `llama.v0.4.0.dll`; else `libllama.v0.4.0.so` or `.dylib`, with
 * the GPU variant's name in between (`libllama.cuda.v0.4.0.so`). Backends are `.so` on macOS too.
 */
export interface CoreLibraries {
  /** Loaded in this order: each needs the ones before it. */
  readonly base: string
  readonly ggml: string
  readonly llama: string
}

const extension = String.raw`\.(?:so|dylib|dll)$`
const core = {
  base: new RegExp(`^(?:lib)?ggml-base${extension}`),
  ggml: new RegExp(String.raw`^(?:lib)?ggml(?:\.[a-z]+)?\.v[\d.]+${extension}`),
  llama: new RegExp(String.raw`^(?:lib)?llama(?:\.[a-z]+)?\.v[\d.]+${extension}`)
}

/** The core libraries among the files of one folder, or `undefined` where one is missing. */
export function findCoreLibraries(files: readonly string[]): CoreLibraries | undefined {
  const base = files.find((file) => core.base.test(file))
  const ggml = files.find((file) => core.ggml.test(file))
  const llama = files.find((file) => core.llama.test(file))
  return base && ggml && llama ? { base, ggml, llama } : undefined
}

export type GpuKind = 'cuda' | 'vulkan' | 'metal'

/** The library of one GPU backend among the files of one folder. */
export function findGpuBackend(files: readonly string[], kind: GpuKind): string | undefined {
  return files.find((file) => new RegExp(`^(?:lib)?ggml-${kind}${extension}`).test(file))
}
