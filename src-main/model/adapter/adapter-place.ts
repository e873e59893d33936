import { SkeinError } from '#contract/errors.ts'
import { maxLayers } from '#contract/model.ts'

/** Where in a model a changed tensor lies: in a layer, counted from 0, or before or after all of them. */
export type AdapterPlace = number | 'embedding' | 'head'

/** Throws `adapter-unsupported` for a tensor that no adapter may change. */
export function placeOf(target: string): AdapterPlace {
  if (target === 'token_embd.weight') return 'embedding'
  if (target === 'output.weight') return 'head'
  const [, digits] = /^blk\.(0|[1-9]\d{0,3})\.[\w.]+\.weight$/.exec(target) ?? []
  const layer = Number(digits)
  if (digits === undefined || layer >= maxLayers) {
    throw new SkeinError('adapter-unsupported', `a change of ${target}`)
  }
  return layer
}
