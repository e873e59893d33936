import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '#test/support/temporary-folder.ts'

const cli = fileURLToPath(new URL('../../src-main/cli.ts', import.meta.url))

/** Runs `skein swarm` with a mark in its environment, by which every process that it starts can be found. */
function swarm(args: readonly string[]) {
  const home = temporaryFolder()
  const child = spawn(process.execPath, [cli, 'swarm', ...args], {
    env: { ...process.env, SKEIN_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  let output = ''
  let errors = ''
  child.stdout.on('data', (data: Buffer) => (output += data.toString()))
  child.stderr.on('data', (data: Buffer) => (errors += data.toString()))
  const exited = new Promise<number | null>((resolve) => child.on('exit', resolve))
  return {
    exited,
    output: () => output,
    errors: () => errors,
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    /** Processes that it started and that are still there. */
    left: () => processesWith(`SKEIN_HOME=${home}`),
    /** Resolves when it has printed `text`. */
    until: (text: string) => expect.poll(() => output, { timeout: 120_000 }).toContain(text)
  }
}

function processesWith(mark: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(mark)
    } catch {
      // It ended while we looked, or belongs to somebody else.
      return false
    }
  })
}

describe.runIf(process.platform === 'linux')('skein swarm', () => {
  it('prints chain, answer and report, and leaves no process', async () => {
    const run = swarm([
      '--peers',
      '3',
      'How do I pause lending?',
      '--temperature',
      '0',
      '--max-tokens',
      '12'
    ])
    expect(await run.exited).toBe(0)
    expect(run.errors()).toBe('')
    for (const part of [
      'peer 1',
      'peer 3',
      'layers 4-5',
      'round trip',
      'prefill',
      'decode',
      'tok/s',
      'wire'
    ]) {
      expect(run.output()).toContain(part)
    }
    expect(run.left()).toEqual([])
  }, 180_000)

  it('ends with Ctrl-C, and leaves no process', async () => {
    const run = swarm(['--peers', '2', 'Tell me a story', '--json'])
    await run.until('"kind":"route"')
    expect(run.left().length).toBeGreaterThan(2)
    run.kill('SIGINT')
    expect(await run.exited).not.toBe(null)
    expect(run.left()).toEqual([])
  }, 180_000)

  it('leaves no process when it is killed', async () => {
    const run = swarm(['--peers', '2', 'Tell me a story', '--json'])
    await run.until('"kind":"route"')
    run.kill('SIGKILL')
    await run.exited
    await expect.poll(run.left, { timeout: 60_000 }).toEqual([])
  }, 180_000)

  it.each([
    [['--peers', '99', 'Hello'], '1 to 16'],
    [['--peers', '7', 'Hello'], 'split'],
    [['--model', '/nowhere.gguf', 'Hello'], 'no model file'],
    [[' '], 'no prompt']
  ])(
    'explains %j',
    async (args, words) => {
      const run = swarm(args)
      expect(await run.exited).toBe(1)
      expect(run.errors()).toContain(words)
      expect(run.left()).toEqual([])
    },
    180_000
  )
})
