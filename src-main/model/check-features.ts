import { SkeinError } from '#contract/errors.ts'
import { MetadataReader } from './metadata-reader.ts'
import type { Gguf } from './gguf.ts'
import type { Architecture } from './architectures.ts'
import type { TransformerFacts } from './model-facts.ts'

const ropeScalings = ['none', 'linear', 'yarn', 'longrope']

/**
 * Refuses what llama.cpp would read but the table does not carry over, and what makes llama.cpp abort rather than
 * fail. Throws `model-feature-unsupported`.
 */
export function checkFeatures(
  architecture: Architecture,
  facts: TransformerFacts,
  gguf: Gguf
): void {
  const reader = new MetadataReader(gguf, facts.architecture)
  const { keyLength, valueLength, rotary } = facts
  const rotatesTooLittle = rotary < keyLength && !architecture.rotatesPartOfHead
  const overflows = facts.perLayer.some(({ heads }) => heads * keyLength !== facts.width)
  const found = {
    'heads that do not fill the width': overflows && architecture.headsFillWidth === true,
    'heads of uneven length': keyLength !== valueLength,
    'rotation of other than whole heads':
      rotatesTooLittle || rotary > keyLength || rotary % 2 !== 0,
    'embeddings for single layers': reader.has('deepstack_mapping'),
    'attention that is not causal': !reader.flag('attention.causal', true),
    'pooled embeddings': reader.integer('pooling_type', 0, 16, 0) !== 0,
    'layers that predict further tokens': reader.integer('nextn_predict_layers', 0, 1024, 0) !== 0,
    'groups of experts': reader.integer('expert_group_count', 0, 1024, 0) > 1,
    'an output of another width': reader.has('embedding_length_out'),
    'a classifier': gguf.metadata.has(`${facts.architecture}.classifier.output_labels`),
    'heads of another length in sliding layers':
      differs(reader, 'attention.key_length_swa', keyLength) ||
      differs(reader, 'attention.value_length_swa', valueLength) ||
      differs(reader, 'rope.dimension_count_swa', rotary),
    'an unknown rotary scaling': !ropeScalings.includes(reader.text('rope.scaling.type') ?? 'none')
  }
  for (const [feature, isFound] of Object.entries(found)) {
    if (isFound) throw new SkeinError('model-feature-unsupported', feature)
  }
}

function differs(reader: MetadataReader, key: string, expected: number): boolean {
  return reader.integer(key, 1, 1_000_000, expected) !== expected
}
