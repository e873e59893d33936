import { mkdir } from 'node:fs/promises'
import envPaths from 'env-paths'

/** Where rivals and generated models are kept between runs: `SKEIN_BENCH_CACHE`, or a folder in the system's cache. */
export async function cacheFolder(): Promise<string> {
  const folder = process.env['SKEIN_BENCH_CACHE'] ?? envPaths('skein-bench', { suffix: '' }).cache
  await mkdir(folder, { recursive: true })
  return folder
}
