import { InvalidArgumentError } from 'commander'
import { layerRangeSchema, type LayerRange } from '#contract/model.ts'

/** `8..15`: layers 8 to 15, both of them, counted from 0. */
export function parseLayers(text: string): LayerRange {
  const [, first, last] = /^(\d{1,4})\.\.(\d{1,4})$/.exec(text) ?? []
  const range = layerRangeSchema.safeParse({ first: Number(first), end: Number(last) + 1 })
  if (!range.success) throw new InvalidArgumentError('It must be like 8..15, counted from 0.')
  return range.data
}

export function formatLayers({ first, end }: LayerRange): string {
  return `${first}..${end - 1}`
}
