import type { AdapterInfo } from '#contract/adapter.ts'
import type { StoredAdapter } from '#contract/weights.ts'
import { formatBytes } from './format-bytes.ts'

/** One line of a list, without where it is. */
export function summariseAdapter({ info, base }: StoredAdapter): string {
  return `${info.name}  adapter of rank ${info.rank} for ${base.slice(0, 16)}, ${formatBytes(info.bytes)}  ${info.key.slice(0, 16)}`
}

export function describeAdapter({ info, base }: StoredAdapter): string {
  return [
    `Name            ${info.name}`,
    `Key             ${info.key}`,
    `Adapter for     ${base}, of the architecture ${info.architecture}`,
    `Size            ${formatBytes(info.bytes)}, ${(info.parameters / 1e6).toFixed(1)} million parameters`,
    `Rank            ${info.rank}, alpha ${info.alpha}`,
    `Changes         ${changesOf(info).join(', ')}`,
    ...(info.ignoredTensors > 0
      ? [
          `Not applied     ${info.ignoredTensors} norms, which llama.cpp does not take from adapters`
        ]
      : [])
  ].join('\n')
}

function changesOf({ layers, changesEmbedding, changesHead }: AdapterInfo): string[] {
  const { length } = layers
  return [
    ...(length === 0 ? [] : [`${length} ${length === 1 ? 'layer' : 'layers'}`]),
    ...(changesEmbedding ? ['the embedding'] : []),
    ...(changesHead ? ['the head'] : [])
  ]
}
