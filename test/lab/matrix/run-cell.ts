import type { GenerateEvent, GenerateInput, Heal } from '#contract/chat.ts'
import type { LayerRange } from '#contract/model.ts'
import type { ReplayMode } from '#contract/stage.ts'
import { createLab, type Lab, type LabPeer } from '#test/support/lab/lab.ts'
import type { Cell, Fault } from './cells.ts'

/** How the embedded model's six layers are shared by so many stages. */
const splits: Readonly<Record<number, readonly LayerRange[]>> = {
  2: [range(0, 3), range(3, 6)],
  3: [range(0, 2), range(2, 4), range(4, 6)],
  4: [range(0, 2), range(2, 3), range(3, 4), range(4, 6)]
}

/** Tokens after which the fault comes: the middle of the answer. */
const faultAfterTokens = 12
/** How long a frozen peer stands still. */
const freezeMs = 5_000
const slowFactor = 10

const question = {
  prompt: { kind: 'chat', messages: [{ role: 'user', content: 'What is Skein?' }] },
  sampling: { temperature: 0.7, seed: 7 },
  maxTokens: 32,
  dtype: 'float32'
} satisfies GenerateInput

/** What became of one answer. */
export interface CellResult {
  readonly cell: Cell
  /** Tokens that differ from the undisturbed answer's, or are missing or too many. */
  readonly wrongTokens: number
  readonly finish: string
  /** The longest time between two pieces of text after the fault: what the person sees. */
  readonly pauseMillis: number
  /** The same in the undisturbed answer. */
  readonly usualMillis: number
  /** From the fault to the first word of it; absent where nothing had to be noticed. */
  readonly noticedMillis: number | undefined
  readonly heals: readonly Heal[]
  /** Stages that were exchanged besides the one at fault. */
  readonly otherStages: number
}

/** Runs a cell with peers of its own, and ends them. */
export async function runCell(cell: Cell, replay: ReplayMode): Promise<CellResult> {
  const ranges = splits[cell.stages] ?? []
  const victimAt = Math.floor(cell.stages / 2)
  const spare = ranges[victimAt]
  const hosts = ranges.map((it, index) => ({ range: it, isAsked: index === 0 }))
  const lab = await createLab({
    peers: [...hosts, cell.fault === 'alone' || spare === undefined ? {} : { range: spare }],
    links: { delayMillis: cell.roundTripMillis / 2 }
  })
  try {
    const usual = await ask(lab, replay)
    return await disturb(lab, cell, replay, usual)
  } finally {
    await lab.close()
  }
}

/** An answer, and when each of its events came. */
interface Timed {
  readonly events: readonly GenerateEvent[]
  readonly at: readonly number[]
}

async function ask(
  lab: Lab,
  replay: ReplayMode,
  onEvent: (event: GenerateEvent, tokens: number) => void = () => undefined
): Promise<Timed> {
  const events: GenerateEvent[] = []
  const at: number[] = []
  for await (const event of lab.peer(0).ask({ ...question, replay })) {
    events.push(event)
    at.push(performance.now())
    onEvent(event, tokensOf(events).length)
  }
  return { events, at }
}

async function disturb(
  lab: Lab,
  cell: Cell,
  replay: ReplayMode,
  usual: Timed
): Promise<CellResult> {
  const victimAt = Math.floor(cell.stages / 2)
  const victimRange = splits[cell.stages]?.[victimAt]
  let faultAt = Infinity
  let after: Promise<unknown> = Promise.resolve()
  let victim: LabPeer | undefined
  const timed = await ask(lab, replay, (event, tokens) => {
    if (event.kind === 'route') victim = peerOf(lab, event.route[victimAt]?.peer)
    if (event.kind === 'waiting' && cell.fault === 'alone') after = hostLost(lab, event.range)
    if (tokens < faultAfterTokens || faultAt !== Infinity || victim === undefined) return
    faultAt = performance.now()
    after = strike(lab, cell, victim, peerOf(lab, routeOf(usual)[victimAt - 1]))
  })
  await after
  if (faultAt === Infinity) throw new Error('the answer was over before anything happened to it')
  const { heals } = endOf(timed.events).report
  return {
    cell,
    wrongTokens: differences(tokensOf(usual.events), tokensOf(timed.events)),
    finish: endOf(timed.events).finish,
    pauseMillis: longestPause(timed, faultAt),
    usualMillis: longestPause(usual, 0),
    noticedMillis: noticed(timed, faultAt),
    heals,
    otherStages: heals.filter((heal) => !isWithin(heal.range, victimRange)).length
  }
}

/** Does to a peer what the cell says. Resolves when that is over. */
async function strike(
  lab: Lab,
  { fault, roundTripMillis }: Cell,
  victim: LabPeer,
  before: LabPeer | undefined
): Promise<void> {
  const acts: Readonly<Record<Fault, () => Promise<void> | void>> = {
    kill: () => victim.kill(),
    alone: () => victim.kill(),
    leave: () => victim.leave(),
    cut: () => {
      if (before !== undefined) lab.linkOf(before, victim).cut()
    },
    slow: () => {
      const others = lab.peers.filter((peer) => peer !== victim)
      for (const other of others) {
        lab.linkOf(other, victim).shape({ roundTripMillis: slowFactor * roundTripMillis })
      }
    },
    freeze: async () => {
      victim.pause()
      await new Promise((resolve) => setTimeout(resolve, freezeMs))
      victim.resume()
    }
  }
  await acts[fault]()
}

/** The peer that hosts nothing takes on what was lost. */
function hostLost(lab: Lab, lost: LayerRange): Promise<unknown> {
  return lab.peer(lab.peers.length - 1).host(lost)
}

function peerOf(lab: Lab, key: string | undefined): LabPeer | undefined {
  return lab.peers.find((peer) => peer.key === key)
}

function routeOf({ events }: Timed): readonly string[] {
  return events.flatMap((event) =>
    event.kind === 'route' ? event.route.map(({ peer }) => peer) : []
  )
}

function tokensOf(events: readonly GenerateEvent[]): number[] {
  return events.flatMap((event) =>
    event.kind === 'text' ? event.tokens.map(({ token }) => token) : []
  )
}

function endOf(events: readonly GenerateEvent[]) {
  const end = events.at(-1)
  if (end?.kind !== 'end') throw new Error('an answer without an end')
  return end
}

function differences(expected: readonly number[], seen: readonly number[]): number {
  const longest = Math.max(expected.length, seen.length)
  return Array.from({ length: longest }, (_, index) => expected[index] !== seen[index]).filter(
    Boolean
  ).length
}

/** Between two pieces of text of which the second comes after `since`. */
function longestPause({ events, at }: Timed, since: number): number {
  const times = at.filter((_, index) => events[index]?.kind === 'text')
  const pauses = times.map((time, index) => (time > since ? time - (times[index - 1] ?? time) : 0))
  return Math.max(0, ...pauses)
}

function noticed({ events, at }: Timed, faultAt: number): number | undefined {
  const first = events.findIndex(({ kind }) => kind === 'healing' || kind === 'waiting')
  const time = at[first]
  return time === undefined ? undefined : time - faultAt
}

function isWithin(inner: LayerRange, outer: LayerRange | undefined): boolean {
  return outer !== undefined && inner.first >= outer.first && inner.end <= outer.end
}

function range(first: number, end: number): LayerRange {
  return { first, end }
}
