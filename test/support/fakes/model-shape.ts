import type { ModelShape } from '#contract/placement.ts'

export const gigabyte = 1e9

/** A model of equal layers of one gigabyte each, which may be cut anywhere unless `boundaries` says otherwise. */
export function modelShape(layers: number, more: Partial<ModelShape> = {}): ModelShape {
  return {
    layers,
    boundaries: Array.from({ length: layers }, (_, layer) => layer),
    layerBytes: Array.from({ length: layers }, () => gigabyte),
    firstBytes: 0,
    tailBytes: 0,
    stageBytes: 0,
    ...more
  }
}
