import type { Gguf } from '#model/gguf.ts'
import { runsOf } from '../fetch/block-runs.ts'
import { segmentsOf } from './model-topics.ts'

const layerOfTensor = /^blk\.(\d+)\./

/** The segments of which at least one layer is here, every block of it; ascending. `has`: whether blocks `[start, end)` are here. */
export async function heldSegments(
  gguf: Gguf,
  has: (start: number, end: number) => Promise<boolean>
): Promise<number[]> {
  const missing = new Set<number>()
  const layers = new Set<number>()
  for (const { name, offset, bytes } of gguf.tensors) {
    const match = layerOfTensor.exec(name)
    if (match === null) continue
    const layer = Number(match[1])
    layers.add(layer)
    for (const { start, end } of runsOf([{ offset, bytes }])) {
      if (!missing.has(layer) && !(await has(start, end))) missing.add(layer)
    }
  }
  const held = [...layers].filter((layer) => !missing.has(layer))
  const segments = held.flatMap((layer) => segmentsOf({ first: layer, end: layer + 1 }))
  return [...new Set(segments)].toSorted((a, b) => a - b)
}
