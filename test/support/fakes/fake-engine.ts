import { SkeinError } from '#contract/errors.ts'
import type { Candidates } from '#contract/stage.ts'
import type { EngineExit, StageOptions, StageProcess } from '#engine/engine-supervisor.ts'
import type { StageOutput, StageStep } from '#engine/stage-types.ts'

/** Values per row of a fake boundary, and tokens in the fake vocabulary. */
export const fakeWidth = 8
export const fakeVocabularySize = 97

/** Whole numbers below this are exact in float16 too, so that a chain's answers do not depend on the wire. */
const modulus = 251

export interface FakeEngineOptions {
  /** Awaited before each step computes: lets a test hold an engine back. */
  readonly beforeStep?: (step: StageStep) => Promise<void> | void
}

/** A fake stage that a test can look into and break. */
export interface FakeStage extends StageProcess {
  /** Share of the time that it may compute. */
  readonly share: number
  /** Slots that are open now. */
  readonly openSlots: number
  crash(): void
}

/**
 * A stage whose every layer mixes a row with the row before it, in whole numbers: what comes out depends on all rows so far, on
 * their order and on each layer, and is the same however the layers are split. So a lost, doubled or reordered step shows.
 */
export function startFakeStage(options: StageOptions, fake: FakeEngineOptions = {}): FakeStage {
  const { range, layers, slots, contextTokens } = options
  const isFirst = range.first === 0
  const isTail = range.end === layers
  const places = new Map<
    number,
    { tokens: number; states: number[][][]; queue: Promise<unknown> }
  >()
  const exits = new Set<(exit: EngineExit) => void>()
  let hasCrashed = false
  let current = 1

  const freeTokens = (): number =>
    contextTokens - [...places.values()].reduce((sum, place) => sum + place.tokens, 0)

  function placeOf(slot: number) {
    const place = places.get(slot)
    if (place === undefined) throw new SkeinError('cancelled', 'the slot is closed')
    return place
  }

  async function compute(step: StageStep, signal: AbortSignal | undefined): Promise<StageOutput> {
    await fake.beforeStep?.(step)
    if (hasCrashed) throw new SkeinError('engine-crashed')
    if (signal?.aborted === true) throw new SkeinError('cancelled')
    const place = placeOf(step.slot)
    const held = place.states[0]?.length ?? 0
    if (held !== step.position)
      throw new SkeinError('boundary-invalid', `holds ${held}, not ${step.position}`)
    const rows = inputRows(step).map((row) => throughLayers(row, place.states, range.first))
    const spent = { computeMicros: 1000, waitMicros: 0 }
    if (!isTail) return { boundary: Float32Array.from(rows.flat()), ...spent }
    const candidates = rows
      .slice(rows.length - step.outputRows)
      .map((row) => candidatesOf(row, step.topK))
    return { candidates, ...spent }
  }

  return {
    pid: 0,
    info: {
      memory: { weightBytes: 1000, cacheBytes: 100, computeBytes: 10 },
      device: 'cpu',
      width: fakeWidth,
      maxRows: options.batchTokens,
      vocabularySize: isFirst || isTail ? fakeVocabularySize : 1,
      isFirst,
      isTail
    },
    get openSlots() {
      return places.size
    },
    openSlot(tokens) {
      if (places.size >= slots || tokens > freeTokens()) throw new SkeinError('stage-full')
      let slot = 0
      while (places.has(slot)) slot++
      const states = Array.from({ length: range.end - range.first }, (): number[][] => [])
      places.set(slot, { tokens, states, queue: Promise.resolve() })
      return slot
    },
    free: () => ({ slots: slots - places.size, tokens: freeTokens() }),
    step(step, signal) {
      const place = placeOf(step.slot)
      const output = place.queue.then(() => compute(step, signal))
      place.queue = output.catch(() => undefined)
      return output
    },
    rollback(slot, position) {
      const place = placeOf(slot)
      place.queue = place.queue.then(() => {
        for (const states of place.states) states.length = Math.min(states.length, position)
      })
    },
    closeSlot: (slot) => void places.delete(slot),
    speed: () => ({ microsPerLayer: 100 }),
    setShare: (share) => {
      current = share
    },
    get share() {
      return current
    },
    stop: () => Promise.resolve(),
    onExit: (listener) => void exits.add(listener),
    crash() {
      hasCrashed = true
      for (const exit of exits) exit({ expected: false, code: null, signal: 'SIGKILL' })
    }
  }
}

function inputRows({ input, rows }: StageStep): number[][] {
  if (input.kind === 'tokens') {
    return Array.from(input.tokens, (token) =>
      fakeRow((_, index) => (token * (index + 1) + index) % modulus)
    )
  }
  return Array.from({ length: rows }, (_, row) =>
    Array.from(input.data.subarray(row * fakeWidth, (row + 1) * fakeWidth))
  )
}

function fakeRow(value: (_: unknown, index: number) => number): number[] {
  return Array.from({ length: fakeWidth }, value)
}

/** Runs a row through all layers of the stage and remembers what each made of it. */
function throughLayers(row: number[], states: number[][][], first: number): number[] {
  return states.reduce((input, history, index) => {
    const before = history.at(-1) ?? fakeRow(() => 0)
    const output = input.map(
      (value, at) => (3 * (before[at] ?? 0) + 7 * value + first + index + 1) % modulus
    )
    history.push(output)
    return output
  }, row)
}

function candidatesOf(row: number[], topK: number): Candidates {
  const sum = row.reduce((total, value, index) => total + value * (index + 1), 0)
  const logits = Array.from(
    { length: fakeVocabularySize },
    (_, token) => ((sum * 31 + token * 17) % fakeVocabularySize) / 8
  )
  const best = logits
    .map((logit, token) => ({ logit, token }))
    .sort((a, b) => b.logit - a.logit || a.token - b.token)
    .slice(0, topK)
  return {
    tokens: Int32Array.from(best, ({ token }) => token),
    logits: Float32Array.from(best, ({ logit }) => logit),
    logSumExp: Math.log(logits.reduce((total, logit) => total + Math.exp(logit), 0))
  }
}
