// `npm start`: sets up, builds what is out of date, and starts Skein: in a window where Electron and a display are there,
// else without one. Uses nothing but Node itself until everything is installed. Progress goes to standard error: with
// `--json`, standard output is for programs.
import { spawn } from 'node:child_process'
import path from 'node:path'
import { buildIfStale } from './build.mjs'
import { whyNoWindow } from './electron.mjs'
import { binary, root } from './paths.mjs'
import { setUp } from './setup.mjs'

const options = process.argv.slice(2)
setUp()
buildIfStale()
const reason = options.includes('--headless') ? 'as asked' : await whyNoWindow()
if (reason === undefined) {
  run(binary('electron'), [root, ...options])
} else {
  if (!options.includes('--json')) console.log(`Starting without a window: ${reason}.`)
  run(binary('node'), [path.join(root, 'out/main/headless.js'), ...options])
}

/**
 * Hands the terminal over. The child goes when this process goes, whatever ends it.
 * @param {string} file
 * @param {string[]} parameters
 */
function run(file, parameters) {
  const child = spawn(file, parameters, {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    shell: process.platform === 'win32'
  })
  // A terminal sends Ctrl-C to both; the child takes its leave, then this process goes with its code.
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  // npm dies of a signal without a word to this process; a new parent is how it shows.
  const parent = process.ppid
  setInterval(() => process.ppid === parent || child.kill('SIGTERM'), 1000).unref()
  child.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 1))
  child.on('error', (error) => {
    console.error(`Skein could not be started: ${error.message}`)
    process.exit(1)
  })
}
