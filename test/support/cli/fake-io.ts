import { appPathsFrom } from '../../../src-main/app-paths.ts'
import type { CommandIo } from '../../../src-main/cli/command-io.ts'

/** A command's surroundings; what it prints is kept. */
export function fakeIo(
  homeFolder: string,
  json = false,
  signal = AbortSignal.any([])
): CommandIo & { readonly printed: string[] } {
  const printed: string[] = []
  return {
    printed,
    homeFolder,
    json,
    paths: appPathsFrom(new URL('../../../src-main/cli.ts', import.meta.url).href),
    write: (text) => void printed.push(text),
    print: (text, value) => void printed.push(json ? JSON.stringify(value) : text),
    signal
  }
}
