import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { cacheFolder } from '../cache-folder.ts'
import { isThere, keepOnce } from '../keep-once.ts'

const run = promisify(execFile)

/** llama.cpp's own programs, built from the very source whose libraries Skein calls. */
export interface Rivals {
  readonly llamaBench: string
  readonly rpcServer: string
}

const bundle = fileURLToPath(
  new URL('../../../node_modules/node-llama-cpp/llama/gitRelease.bundle', import.meta.url)
)

const cmakeOptions = [
  '-DCMAKE_BUILD_TYPE=Release',
  '-DGGML_RPC=ON',
  '-DBUILD_SHARED_LIBS=OFF',
  '-DLLAMA_CURL=OFF',
  '-DLLAMA_OPENSSL=OFF',
  '-DLLAMA_BUILD_TESTS=OFF',
  '-DLLAMA_BUILD_EXAMPLES=OFF',
  '-DLLAMA_BUILD_SERVER=OFF'
]

/** Builds the rivals once (minutes on two cores; needs git, cmake and a C++ compiler) and finds them again later. */
export async function buildRivals(log: (line: string) => void): Promise<Rivals> {
  const cache = await cacheFolder()
  const source = path.join(cache, 'llama.cpp-v0.4.0')
  const build = path.join(source, 'build-rivals')
  const rivals = {
    llamaBench: path.join(build, 'bin', 'llama-bench'),
    rpcServer: path.join(build, 'bin', 'ggml-rpc-server')
  }
  if ((await isThere(rivals.llamaBench)) && (await isThere(rivals.rpcServer))) return rivals
  log('Building llama.cpp’s llama-bench and ggml-rpc-server (once; takes some minutes) ...')
  await keepOnce(source, async (unfinished) => {
    await rm(unfinished, { recursive: true, force: true })
    await run('git', ['clone', '--quiet', bundle, unfinished])
  })
  await run('cmake', ['-S', source, '-B', build, ...cmakeOptions])
  await run(
    'cmake',
    [
      '--build',
      build,
      '-j',
      String(availableParallelism()),
      '--target',
      'llama-bench',
      'ggml-rpc-server'
    ],
    { maxBuffer: 64 << 20 }
  )
  return rivals
}
