import path from 'node:path'
import { Stage } from '#engine/child/stage.ts'
import { openFileSource } from '#model/byte-source.ts'
import { carveRange } from '#model/carve.ts'
import { readGguf } from '#model/gguf.ts'
import { benchmarkSpec } from '#test/support/models/benchmark-model.ts'
import type { Figure } from './goal.ts'
import { keepOnce } from './keep-once.ts'
import { median } from './median.ts'

const steps = 64
const threads = 1
/** Layers of the middle of the model: neither embedding nor head is there to hide the difference. */
const range = { first: 5, end: 16 }

/**
 * What taking the boundary out of the running graph costs a single-token step: a middle range run as what it is, against the
 * same file run as a tail, which reads nothing on the way and goes on to a head of one row.
 */
export async function tapOverhead(model: string, cache: string): Promise<Figure> {
  const file = await keepOnce(
    path.join(cache, `benchmark-1b-${range.first}-${range.end}.gguf`),
    (unfinished) => carveMiddle(model, unfinished)
  )
  const common = { file, range, contextTokens: 256, slots: 1, batchTokens: 8, threads } as const
  const tapped = Stage.load({ ...common, layers: benchmarkSpec.layers, device: 'cpu' })
  const plain = Stage.load({ ...common, layers: range.end, device: 'cpu' })
  try {
    const times = compare(tapped, plain)
    return {
      name: 'single-token step with the boundary tap, against without',
      value: median(times.map(({ tapped, plain }) => tapped / plain)),
      unit: 'times'
    }
  } finally {
    tapped.close()
    plain.close()
  }
}

async function carveMiddle(model: string, target: string): Promise<void> {
  const source = await openFileSource(model)
  try {
    await carveRange(source, await readGguf(source), range, target)
  } finally {
    await source.close()
  }
}

/** Step by step in turns, so that whatever else the machine does falls on both. */
function compare(tapped: Stage, plain: Stage): { tapped: number; plain: number }[] {
  tapped.openSlot(256)
  plain.openSlot(256)
  return Array.from({ length: steps }, (_, position) => ({
    tapped: timeStep(tapped, position),
    plain: timeStep(plain, position)
  }))
}

function timeStep(stage: Stage, position: number): number {
  const { width } = benchmarkSpec
  const data = Float32Array.from({ length: width }, (_, index) => Math.sin(position + index))
  const input = { kind: 'boundary', data } as const
  const start = performance.now()
  stage.run([{ slot: 0, position, rows: 1, outputRows: 1, topK: 1, input }])
  return performance.now() - start
}
