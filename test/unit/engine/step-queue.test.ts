import { describe, expect, it } from 'vitest'
import { SkeinError } from '#contract/errors.ts'
import type { SharedCores } from '#engine/child/shared-cores.ts'
import { StepQueue, type QueuedStage, type QueueTiming } from '#engine/child/step-queue.ts'
import type { StageStep } from '#engine/stage-types.ts'

const step = (slot: number, position: number, rows = 1): StageStep => ({
  slot,
  position,
  rows,
  outputRows: 1,
  topK: 1,
  input: { kind: 'tokens', tokens: new Int32Array(rows) }
})

/** A stage that notes what it is asked for, and a queue whose turns the test takes one by one. */
function setUp(overrides: Partial<QueuedStage> = {}, callMillis = 0, cores?: SharedCores) {
  const calls: string[] = []
  const turns: (() => void)[] = []
  const timers: { millis: number; work: () => void }[] = []
  let now = 0
  const stage: QueuedStage = {
    capacity: { rows: 8, outputRows: 8 },
    check: () => undefined,
    run: (steps) => {
      now += callMillis
      calls.push(`run ${steps.map(({ slot, position }) => `${slot}@${position}`).join(' ')}`)
      return steps.map(() => ({}))
    },
    rollback: (slot, position) => void calls.push(`rollback ${slot}@${position}`),
    closeSlot: (slot) => void calls.push(`close ${slot}`),
    ...overrides
  }
  const timing: QueueTiming = {
    now: () => now,
    soon: (work) => void turns.push(work),
    after: (millis, work) => void timers.push({ millis, work })
  }
  const queue = new StepQueue(stage, timing, cores)
  const results: string[] = []
  let id = 0
  const add = (wanted: StageStep): number => {
    const own = id++
    queue.step(own, wanted, {
      done: () => results.push(`${own} done`),
      failed: ({ code }) => results.push(`${own} ${code}`)
    })
    return own
  }
  const turn = (): void => turns.shift()?.()
  /** Takes turns until nothing is left to do. */
  const run = (): void => {
    while (turns.length > 0) turn()
  }
  return { queue, calls, results, timers, add, turn, run }
}

describe('StepQueue', () => {
  it('computes what waits in one call, and what comes meanwhile in the next', () => {
    const { add, turn, run, calls, results } = setUp()
    add(step(0, 5))
    add(step(1, 7))
    turn()
    add(step(0, 6))
    add(step(2, 0))
    run()
    expect(calls).toEqual(['run 0@5 1@7', 'run 0@6 2@0'])
    expect(results).toEqual(['0 done', '1 done', '2 done', '3 done'])
  })

  it('keeps the order of a slot’s steps and rollbacks', () => {
    const { add, queue, run, calls } = setUp()
    add(step(0, 0))
    add(step(0, 1))
    queue.rollback(0, 1)
    add(step(0, 1))
    run()
    expect(calls).toEqual(['run 0@0', 'run 0@1', 'rollback 0@1', 'run 0@1'])
  })

  it('drops a cancelled step and leaves the others', () => {
    const { add, queue, run, calls, results } = setUp()
    add(step(0, 0))
    queue.cancel(add(step(1, 0)))
    run()
    expect(calls).toEqual(['run 0@0'])
    expect(results).toEqual(['1 cancelled', '0 done'])
  })

  it('drops the steps of a closed slot', () => {
    const { add, queue, run, calls, results } = setUp()
    add(step(0, 0))
    add(step(1, 0))
    queue.closeSlot(0)
    run()
    expect(calls).toEqual(['close 0', 'run 1@0'])
    expect(results).toEqual(['0 cancelled', '1 done'])
  })

  it('refuses an unsound step and computes the others of its call', () => {
    const { add, run, calls, results } = setUp({
      check: ({ slot }) => {
        if (slot === 1) throw new SkeinError('boundary-invalid')
      }
    })
    add(step(0, 0))
    add(step(1, 0))
    run()
    expect(calls).toEqual(['run 0@0'])
    expect(results).toEqual(['1 boundary-invalid', '0 done'])
  })

  it('tells all steps of a failed call and goes on', () => {
    let isBroken = true
    const { add, run, results } = setUp({
      run: (steps) => {
        if (isBroken) throw new SkeinError('engine-decode-failed')
        return steps.map(() => ({}))
      }
    })
    add(step(0, 0))
    add(step(1, 0))
    run()
    isBroken = false
    add(step(0, 0))
    run()
    expect(results).toEqual(['0 engine-decode-failed', '1 engine-decode-failed', '2 done'])
  })

  describe('when calls take long', () => {
    const longCall = 15

    it('waits a little for the sessions of the last call', () => {
      const { add, run, timers, calls } = setUp({}, longCall)
      add(step(0, 0))
      add(step(1, 0))
      run()
      add(step(0, 1))
      run()
      expect(calls).toEqual(['run 0@0 1@0'])
      expect(timers).toMatchObject([{ millis: 4.5 }])
      add(step(1, 1))
      run()
      expect(calls).toEqual(['run 0@0 1@0', 'run 0@1 1@1'])
      timers[0]?.work()
      expect(calls).toHaveLength(2)
    })

    it('goes on without the ones that do not come', () => {
      const { add, run, timers, calls } = setUp({}, longCall)
      add(step(0, 0))
      add(step(1, 0))
      run()
      add(step(0, 1))
      run()
      timers[0]?.work()
      expect(calls).toEqual(['run 0@0 1@0', 'run 0@1'])
    })

    it('waits ever more rarely for those that do not come', () => {
      const { add, run, timers } = setUp({}, longCall)
      const waits: number[] = []
      for (let call = 0; call < 40; call++) {
        const before = timers.length
        // Two groups that follow each other through the chain and never meet here.
        add(step(call % 2, call))
        run()
        timers[before]?.work()
        if (timers.length > before) waits.push(call)
      }
      expect(waits).toEqual([1, 2, 4, 8, 16, 32])
    })

    it('waits for nobody whose session has ended', () => {
      const { add, queue, run, timers, calls } = setUp({}, longCall)
      add(step(0, 0))
      add(step(1, 0))
      run()
      queue.closeSlot(1)
      add(step(0, 1))
      run()
      expect(timers).toEqual([])
      expect(calls.at(-1)).toBe('run 0@1')
    })

    it('never keeps a single session waiting', () => {
      const { add, run, timers } = setUp({}, longCall)
      for (let position = 0; position < 4; position++) {
        add(step(0, position))
        run()
      }
      expect(timers).toEqual([])
    })

    it('waits no longer than a bound, however long the calls are', () => {
      const { add, run, timers } = setUp({}, 5000)
      add(step(0, 0))
      add(step(1, 0))
      run()
      add(step(0, 1))
      run()
      expect(timers).toMatchObject([{ millis: 6 }])
    })
  })

  describe('where cores are shared', () => {
    /** Cores that others have until the test gives them. */
    function busyCores() {
      let granted: (() => void) | undefined
      const log: string[] = []
      const cores: SharedCores = {
        take: (then) => {
          log.push('take')
          granted = then
        },
        release: () => void log.push('release')
      }
      return { cores, log, give: () => granted?.() }
    }

    it('takes what came while others had them into one call', () => {
      const { cores, log, give } = busyCores()
      const { add, run, calls } = setUp({}, 0, cores)
      add(step(0, 0))
      run()
      add(step(1, 0))
      run()
      expect(calls).toEqual([])
      give()
      expect(calls).toEqual(['run 0@0 1@0'])
      expect(log).toEqual(['take', 'release'])
    })

    it('gives them back after a call that failed', () => {
      const { cores, log, give } = busyCores()
      const { add, run } = setUp(
        {
          run: () => {
            throw new Error('lost')
          }
        },
        0,
        cores
      )
      add(step(0, 0))
      run()
      give()
      expect(log).toEqual(['take', 'release'])
    })

    it('computes nothing once it is closed, even if the cores come late', () => {
      const { cores, log, give } = busyCores()
      const { add, queue, run, calls, results } = setUp({}, 0, cores)
      add(step(0, 0))
      run()
      queue.close()
      give()
      expect(calls).toEqual([])
      expect(results).toEqual(['0 cancelled'])
      expect(log).toEqual(['take', 'release'])
    })
  })

  it('goes on after a rollback that the stage refuses', () => {
    const { add, queue, run, results } = setUp({
      rollback: () => {
        throw new SkeinError('invalid-input')
      }
    })
    queue.rollback(0, 9)
    add(step(0, 0))
    run()
    expect(results).toEqual(['0 done'])
    expect(queue.isIdle).toBe(true)
  })
})
