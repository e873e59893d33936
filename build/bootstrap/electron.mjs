import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { binary, root } from './paths.mjs'

/** How long a start waits to learn whether Electron can be fetched at all. */
const probeMs = 6000
/** How long the fetching itself may take: some 120 MB. */
const fetchMs = 10 * 60_000

/** Why Skein starts without a window, for the line that says so; `undefined` when there can be one. */
export async function whyNoWindow() {
  if (!hasDisplay()) return 'this computer has no display'
  if (isThere()) return undefined
  if (!(await canBeFetched())) return 'Electron is not here and could not be fetched'
  console.error('Fetching Electron (once, some 120 MB) ...')
  spawnSync(binary('install-electron'), [], {
    cwd: root,
    stdio: 'ignore',
    timeout: fetchMs,
    shell: process.platform === 'win32'
  })
  return isThere() ? undefined : 'Electron could not be fetched'
}

function hasDisplay() {
  if (process.platform === 'win32' || process.platform === 'darwin') return true
  return Boolean(process.env['DISPLAY']) || Boolean(process.env['WAYLAND_DISPLAY'])
}

/** `path.txt` is the last thing that Electron's installer writes. */
function isThere() {
  return existsSync(path.join(root, 'node_modules/electron/path.txt'))
}

/** Asks for the head of the very file that the installer would fetch. */
async function canBeFetched() {
  const { version } = JSON.parse(
    readFileSync(path.join(root, 'node_modules/electron/package.json'), 'utf8')
  )
  const mirror =
    process.env['ELECTRON_MIRROR'] ?? 'https://github.com/electron/electron/releases/download/'
  const file = `v${version}/electron-v${version}-${process.platform}-${process.arch}.zip`
  try {
    const signal = AbortSignal.timeout(probeMs)
    return (await fetch(mirror + file, { method: 'HEAD', signal })).ok
  } catch {
    return false
  }
}
