// Installs what the lockfile names, when it is not there or the lockfile has changed since. Runs before anything is
// installed, on the machine's own Node (20 or newer), so it uses nothing but Node itself.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const marker = path.join(root, 'node_modules', '.skein-installed')

/** Whether `node_modules` holds what the lockfile asks for. */
function isInstalled() {
  return existsSync(marker) && readFileSync(marker, 'utf8') === lockfileHash()
}

function lockfileHash() {
  return createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex')
}

/** Installs if needed; ends the process with a sentence where that fails. */
export function setUp() {
  if (Number(process.versions.node.split('.')[0]) < 20) {
    console.error(
      'Skein needs Node.js 20 or newer to set itself up. Get it from https://nodejs.org.'
    )
    process.exit(1)
  }
  if (isInstalled()) return
  console.error('Installing packages (once) ...')
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const result = spawnSync(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32'
  })
  if (result.status !== 0) {
    console.error(
      'The packages could not be installed. Check the internet connection and try again.'
    )
    process.exit(1)
  }
  writeFileSync(marker, lockfileHash())
}

if (process.argv[1] === fileURLToPath(import.meta.url)) setUp()
