import { expect, test } from 'vitest'
import type { BlockRun } from '#weights/fetch/block-runs.ts'
import { FetchLanes } from '#weights/fetch/fetch-lanes.ts'
import { PieceOrder } from '#weights/fetch/piece-order.ts'

function piece(start: number): BlockRun {
  return { start, end: start + 1 }
}

const five = [0, 1, 2, 3, 4].map(piece)

/** Holders by the piece's first block. */
function counted(holders: readonly number[]): (piece: BlockRun) => number {
  return ({ start }) => holders[start] ?? 0
}

function takeAll(order: PieceOrder, count: (piece: BlockRun) => number): number[] {
  const starts: number[] = []
  for (let next = order.take(count); next !== undefined; next = order.take(count)) {
    starts.push(next.start)
  }
  return starts
}

test('what the fewest have comes first, equals in their order, what nobody has last', () => {
  expect(takeAll(new PieceOrder(five), counted([3, 0, 1, 3, 1]))).toEqual([2, 4, 0, 3, 1])
})

test('peers that come change what comes next', () => {
  const order = new PieceOrder(five)
  expect(order.take(counted([1, 1, 1, 1, 1]))?.start).toBe(0)
  const now = counted([2, 2, 2, 2, 1])
  order.compare(now)
  expect(order.take(now)?.start).toBe(4)
})

test('what was put back is taken again, once', () => {
  const order = new PieceOrder(five)
  const count = counted([1, 1, 1, 1, 1])
  const first = order.take(count)
  if (first !== undefined) order.putBack(first)
  expect(takeAll(order, count)).toEqual([1, 2, 3, 4, 0])
})

test('pieces beyond those that are compared at once get their turn', () => {
  const many = Array.from({ length: 5000 }, (_, start) => piece(start))
  expect(new Set(takeAll(new PieceOrder(many), () => 1)).size).toBe(5000)
})

test('pieces that nobody has hold up none that somebody has', async () => {
  const holders = new Set<number>()
  const asked = new Map<number, () => void>()
  const lanes = new FetchLanes(
    Array.from({ length: 40 }, (_, start) => piece(start)),
    {
      core: {
        download: ({ start }) => {
          const { promise, resolve } = Promise.withResolvers<undefined>()
          asked.set(start, () => resolve(undefined))
          return { done: () => promise, destroy: () => asked.delete(start) }
        }
      },
      countHolders: () => (run) => (holders.has(run.start) ? 1 : 0),
      askAll: () => undefined,
      admit: () => Promise.resolve(),
      orStopped: (work) => work
    }
  )
  const running = lanes.run()
  await settle()
  // Nobody has anything: the first of them wait.
  expect([...asked.keys()]).toEqual(Array.from({ length: 16 }, (_, start) => start))
  holders.add(39)
  lanes.review()
  await settle()
  expect(asked.has(39)).toBe(true)
  for (let start = 0; start < 39; start++) holders.add(start)
  while (asked.size > 0) {
    for (const arrive of asked.values()) arrive()
    await settle()
  }
  await running
})

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
