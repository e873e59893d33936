import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { LayerRange } from '#contract/model.ts'
import { formatLayers } from './layers.ts'
import { fileOr } from './model-hosting.ts'

export interface StartCommandOptions {
  readonly headless?: boolean
  readonly port?: string
  readonly model?: string
  readonly layers?: LayerRange
  readonly network?: string
  readonly json?: boolean
}

/** Starts Skein as `npm start` does, and stays until it ends. */
export function runStartCommand(entry: string, options: StartCommandOptions): Promise<number> {
  const script = fileURLToPath(new URL('../build/bootstrap/start.mjs', entry))
  const { network } = options
  const child = spawn(process.execPath, [script, ...argumentsOf(options)], {
    stdio: 'inherit',
    // A list of processes shows everybody their arguments.
    env: { ...process.env, ...(network === undefined ? {} : { SKEIN_NETWORK: network }) }
  })
  // A terminal sends Ctrl-C to both: this process waits for the other one to take its leave.
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code) => resolve(code ?? 1))
  })
}

function argumentsOf({ headless, port, model, layers, json }: StartCommandOptions): string[] {
  return [
    ...(headless === true ? ['--headless'] : []),
    ...(port === undefined ? [] : ['--port', port]),
    ...(model === undefined ? [] : ['--model', fileOr(model)]),
    ...(layers === undefined ? [] : ['--layers', formatLayers(layers)]),
    ...(json === true ? ['--json'] : [])
  ]
}
