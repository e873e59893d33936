import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import type { SignalSource } from '../signal-source.ts'

/** The kernel keeps so many letters of a program's name. */
const keptLetters = 15

/** Which of the wanted programs, named in small letters, are among those that run. */
export function programsAmong(running: readonly string[], wanted: readonly string[]): string[] {
  const names = new Set(
    running.map((name) =>
      name
        .trim()
        .toLowerCase()
        .replace(/\.exe$/, '')
    )
  )
  return wanted.filter((name) => names.has(name) || names.has(name.slice(0, keptLetters)))
}

/** Programs of the person's list that run. `wanted`: the list as it is now, in small letters. */
export function processSource(
  wanted: () => readonly string[],
  folder = '/proc'
): SignalSource<'exclusivePrograms'> {
  return {
    source: folder,
    everyMs: 5000,
    async read() {
      if (wanted().length === 0) return []
      const ids = (await readdir(folder)).filter((name) => /^\d+$/.test(name))
      const names = await Promise.all(
        // One that ended meanwhile has no name.
        ids.map((id) => readFile(path.join(folder, id, 'comm'), 'utf8').catch(() => ''))
      )
      return programsAmong(names, wanted())
    }
  }
}

/** Milliseconds that a process has computed, from the text of `/proc/<pid>/stat`. The kernel counts hundredths of a second. */
export function cpuMillisOf(stat: string): number {
  // The name, in brackets, may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

/** Milliseconds that these processes have computed; one that is gone counts nothing. */
export async function cpuMillisOfAll(ids: readonly number[], folder = '/proc'): Promise<number> {
  const texts = await Promise.all(
    ids.map((id) => readFile(path.join(folder, String(id), 'stat'), 'utf8').catch(() => undefined))
  )
  return texts.reduce((sum, text) => sum + (text === undefined ? 0 : cpuMillisOf(text)), 0)
}
