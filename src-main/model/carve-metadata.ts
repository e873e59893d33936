import { SkeinError } from '#contract/errors.ts'
import type { LayerRange } from '#contract/model.ts'
import type { Architecture } from './architectures.ts'
import type { MetadataRule } from './architectures/metadata-rules.ts'
import type { Gguf } from './gguf.ts'
import type { MetadataField } from './gguf-layout.ts'
import type { MetadataValue } from './metadata-value.ts'

/**
 * The metadata of a carved range: what the architecture's row names, cut to the range, in the row's order. Throws
 * `gguf-malformed` or `gguf-metadata-missing`.
 */
export function carvedMetadata(
  architecture: Architecture,
  gguf: Gguf,
  range: LayerRange,
  vocabularySize: number
): readonly MetadataField[] {
  const prefix = `${architecture.name}.`
  return [
    { key: 'general.architecture', type: 'string', value: architecture.name },
    { key: `${prefix}block_count`, type: 'u32', value: range.end - range.first },
    { key: `${prefix}vocab_size`, type: 'u32', value: vocabularySize },
    ...architecture.metadata.flatMap((rule) => {
      const key = prefix + rule.key
      const value = gguf.metadata.get(key)
      if (value === undefined) return rule.isRequired ? missing(key) : []
      if (value.type === 'array' && rule.isIgnoredAsArray) return []
      if (rule.isForFirstRange && range.first > 0) return []
      return [carvedField(key, rule, value, range)]
    }),
    { key: 'tokenizer.ggml.model', type: 'string', value: 'no_vocab' }
  ]
}

function carvedField(
  key: string,
  rule: MetadataRule,
  value: MetadataValue,
  range: LayerRange
): MetadataField {
  if (value.type === 'array') {
    const kept = rule.type === 'u32s' ? value.values?.slice(range.first, range.end) : undefined
    if (kept === undefined || value.count < range.end) return wrong(key)
    return { key, type: 'u32s', value: kept.map((entry) => unsigned(key, entry)) }
  }
  switch (rule.type) {
    case 'u32':
    case 'u32s':
      return { key, type: 'u32', value: unsigned(key, value.value) }
    case 'f32':
      if (value.type !== 'f32' || typeof value.value !== 'number') return wrong(key)
      // Every factor, base, scale and epsilon of the table is 0 or more; llama.cpp aborts on a negative epsilon.
      if (!Number.isFinite(value.value) || value.value < 0) return wrong(key)
      return { key, type: 'f32', value: value.value }
    case 'bool':
      return typeof value.value === 'boolean'
        ? { key, type: 'bool', value: value.value }
        : wrong(key)
    case 'string':
      return typeof value.value === 'string'
        ? { key, type: 'string', value: value.value }
        : wrong(key)
  }
}

function unsigned(key: string, value: unknown): number {
  const isUnsigned = typeof value === 'number' && Number.isInteger(value)
  return isUnsigned && value >= 0 && value <= 0xffff_ffff ? value : wrong(key)
}

function missing(key: string): never {
  throw new SkeinError('gguf-metadata-missing', key)
}

function wrong(key: string): never {
  throw new SkeinError('gguf-malformed', key)
}
