import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { settingsSchema } from '#contract/settings.ts'
import { startNode } from '#test/support/node/start-node.ts'
import { temporaryFolder } from '#test/support/temporary-folder.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const model = 'resources/models/skein-tiny-q8_0.gguf'

interface Outcome {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** The command line as a person runs it. */
function skein(homeFolder: string, ...parameters: string[]): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['src-main/cli.ts', ...parameters], {
      cwd: root,
      env: { ...process.env, SKEIN_HOME: homeFolder },
      stdio: ['ignore', 'pipe', 'pipe']
    })
    let out = ''
    let err = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, out, err }))
  })
}

test('every command says what it takes', async () => {
  const home = temporaryFolder()
  const { code, out } = await skein(home, '--help')
  expect(code).toBe(0)
  for (const command of ['start', 'status', 'chat', 'swarm', 'model', 'settings']) {
    expect(out).toContain(`  ${command}`)
  }
  expect((await skein(home, 'swarm', '--help')).out).toContain('--peers <count>')
})

test('an error is a sentence, a remedy and exit code 1; with --json it is a value', async () => {
  const home = temporaryFolder()
  const told = await skein(home, 'status')
  expect(told.code).toBe(1)
  expect(told.out).toBe('')
  expect(told.err).toContain('Skein is not running.')
  expect(told.err).toContain('Start it with "npm start"')
  const value = await skein(home, 'status', '--json')
  expect(value.code).toBe(1)
  expect(JSON.parse(value.err)).toMatchObject({ error: { code: 'not-running' } })
})

test('settings are read and changed without a running node', async () => {
  const home = temporaryFolder()
  expect((await skein(home, 'settings', 'get', 'lending')).out).toBe('lending = off\n')
  expect((await skein(home, 'settings', 'set', 'threads', '3', '--json')).out).toBe(
    '{"threads":3}\n'
  )
  const { out } = await skein(home, 'settings', 'list', '--json')
  expect(JSON.parse(out)).toEqual({ ...settingsSchema.parse({}), threads: 3 })
  const listed = await skein(home, 'settings', 'list')
  expect(listed.out).toMatch(/idleMinutes = 5 min {2}\[5 min\]\n {4}Time without input/)
  await skein(home, 'settings', 'set', 'electricityTariff', '0.30')
  expect((await skein(home, 'settings', 'get', 'electricityTariff')).out).toContain('= 0.30')
  const refused = await skein(home, 'settings', 'set', 'threads', 'many')
  expect(refused).toMatchObject({ code: 1, out: '' })
  expect(refused.err).toContain('threads')
})

test('a model file is shown; one that is none is refused', async () => {
  const home = temporaryFolder()
  const shown = await skein(home, 'model', 'show', model)
  expect(shown.out).toMatch(/Layers\s+6/)
  expect(shown.out).toMatch(/Splits at\s+layers 1, 2, 3, 4, 5/)
  const refused = await skein(home, 'model', 'show', 'package.json', '--json')
  expect(JSON.parse(refused.err)).toMatchObject({ error: { code: 'gguf-not-gguf' } })
})

test('status, settings and chat reach the running node', async () => {
  const homeFolder = temporaryFolder()
  const node = await startNode({ homeFolder })
  await node.ready
  const status = await skein(homeFolder, 'status', '--json')
  expect(JSON.parse(status.out)).toMatchObject({ lending: false, stages: [{ state: 'ready' }] })
  await skein(homeFolder, 'settings', 'set', 'lending', 'on')
  const changed = await node.control.call('status.get', {}, AbortSignal.any([]))
  expect(changed.lending).toBe(true)
  const chat = await skein(homeFolder, 'chat', 'What is Skein?', '--temperature', '0')
  expect(chat.code).toBe(0)
  expect(chat.out.trim().length).toBeGreaterThan(10)
})

test('chat without a running node answers too, and leaves nothing running', async () => {
  const home = temporaryFolder()
  const { code, out } = await skein(home, 'chat', 'What is Skein?', '--json', '--max-tokens', '4')
  expect(code).toBe(0)
  const kinds = out
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line))
  expect(kinds.at(-1)).toMatchObject({ kind: 'end', finish: 'length' })
  expect((await skein(home, 'status')).code).toBe(1)
})
