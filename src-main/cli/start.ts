import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Starts Skein as `npm start` does, and stays until it ends. */
export function runStartCommand(entry: string, options: readonly string[]): Promise<number> {
  const script = fileURLToPath(new URL('../build/bootstrap/start.mjs', entry))
  const child = spawn(process.execPath, [script, ...options], { stdio: 'inherit' })
  // A terminal sends Ctrl-C to both: this process waits for the other one to take its leave.
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code) => resolve(code ?? 1))
  })
}
