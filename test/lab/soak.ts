import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import type { GenerateEvent, GenerateInput } from '#contract/chat.ts'
import { createLab, type Lab } from '#test/support/lab/lab.ts'

export const soakHelp = `npm run lab -- soak [--minutes <n>] [--kill-every <seconds>]

Chats without a pause through a chain of three peers, while a random one of the two that only serve is killed and started again.
  --minutes     how long (default: 30)
  --kill-every  seconds between two kills (default: 60)
Fails when a token is wrong, a place is left open, or the asking peer's memory grew by more than 5 %. Linux only.`

/** Memory is compared from here on: until then caches fill. */
const warmShare = 0.2
const memoryGrowthGoal = 0.05

/** Two peers hold each range, so that one of them may be gone at any time. */
const ranges = [
  { first: 0, end: 3 },
  { first: 3, end: 6 },
  { first: 3, end: 6 }
]

const question = {
  prompt: { kind: 'chat', messages: [{ role: 'user', content: 'What is Skein?' }] },
  sampling: { temperature: 0.7, seed: 7 },
  maxTokens: 24,
  dtype: 'float32',
  waitMillis: 60_000
} satisfies GenerateInput

interface Tally {
  answers: number
  wrong: number
  interrupted: number
  kills: number
  readonly memory: number[]
}

/** Returns whether nothing went wrong. */
export async function soak(args: readonly string[]): Promise<boolean> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '30' },
      'kill-every': { type: 'string', default: '60' }
    }
  })
  const until = performance.now() + Number(values.minutes) * 60_000
  const killEveryMs = Number(values['kill-every']) * 1000
  if (Number.isNaN(until) || !(killEveryMs > 0)) throw new Error(soakHelp)
  const lab = await createLab({
    peers: ranges.map((range, index) => ({ range, isAsked: index === 0 })),
    links: { delayMillis: 10 }
  })
  try {
    const tally = await chat(lab, until, killEveryMs)
    const leaked = await leakedPlaces(lab)
    return report(tally, leaked)
  } finally {
    await lab.close()
  }
}

async function chat(lab: Lab, until: number, killEveryMs: number): Promise<Tally> {
  const tally: Tally = { answers: 0, wrong: 0, interrupted: 0, kills: 0, memory: [] }
  const expected = textOf(await lab.peer(0).answer(question))
  let nextKill = performance.now() + killEveryMs
  let restarting: Promise<void> = Promise.resolve()
  while (performance.now() < until) {
    const events: GenerateEvent[] = []
    for await (const event of lab.peer(0).ask(question)) {
      events.push(event)
      if (event.kind !== 'text' || performance.now() < nextKill) continue
      nextKill = performance.now() + killEveryMs
      tally.kills++
      const victim = 1 + Math.floor(Math.random() * (ranges.length - 1))
      restarting = restarting.then(() => lab.restart(victim))
    }
    tally.answers++
    const end = events.at(-1)
    if (end?.kind === 'end' && end.finish === 'interrupted') tally.interrupted++
    else if (textOf(events) !== expected) tally.wrong++
    tally.memory.push(await residentBytes(lab.peer(0).pid))
  }
  await restarting
  return tally
}

/** Sessions that a peer still serves although nobody asks. */
async function leakedPlaces(lab: Lab): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 3_000))
  const statuses = await Promise.all(lab.peers.map((peer) => peer.status()))
  return statuses.flatMap(({ stages }) => stages).reduce((sum, { sessions }) => sum + sessions, 0)
}

function report({ answers, wrong, interrupted, kills, memory }: Tally, leaked: number): boolean {
  const warm = memory.slice(Math.floor(memory.length * warmShare))
  const half = Math.ceil(warm.length / 2)
  const before = mean(warm.slice(0, half))
  const growth = mean(warm.slice(half)) / before - 1
  console.log(`${answers} answers, ${kills} kills: ${wrong} wrong, ${interrupted} interrupted`)
  console.log(`places left open: ${leaked}`)
  const memoryText = `${(before / 1e6).toFixed(0)} MB, then ${(growth * 100).toFixed(1)} % more`
  console.log(`memory of the asking peer, first and second half after warming up: ${memoryText}`)
  return wrong === 0 && interrupted === 0 && leaked === 0 && !(growth > memoryGrowthGoal)
}

function textOf(events: readonly GenerateEvent[]): string {
  return events.map((event) => (event.kind === 'text' ? event.text : '')).join('')
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}

/** What the process has in memory now, as the kernel counts it. */
async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024
}
