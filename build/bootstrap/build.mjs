import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { binary, root } from './paths.mjs'

const stamp = path.join(root, 'out', '.built-from')
const sources = [
  'src-main',
  'src-renderer',
  'electron.config.ts',
  'package.json',
  'package-lock.json'
]

/** Builds when the sources are not those of the last build; ends the process with a sentence where that fails. */
export function buildIfStale() {
  const present = hashSources()
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === present) return
  console.error('Building ...')
  const parameters = ['build', '--config', 'electron.config.ts', '--logLevel', 'warn']
  const result = spawnSync(binary('electron-vite'), parameters, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      PATH: path.dirname(binary('node')) + path.delimiter + process.env['PATH']
    },
    shell: process.platform === 'win32'
  })
  if (result.status !== 0) {
    console.error('Skein could not be built. The lines above say why.')
    process.exit(1)
  }
  writeFileSync(stamp, present)
}

/** One hash over names and contents: times say nothing after a checkout. */
function hashSources() {
  const hash = createHash('sha256')
  for (const file of sources.flatMap((source) => filesIn(path.join(root, source)))) {
    hash.update(path.relative(root, file)).update('\0').update(readFileSync(file)).update('\0')
  }
  return hash.digest('hex')
}

/**
 * @param {string} place
 * @returns {string[]}
 */
function filesIn(place) {
  if (!statSync(place).isDirectory()) return [place]
  return readdirSync(place)
    .sort()
    .flatMap((name) => filesIn(path.join(place, name)))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) buildIfStale()
