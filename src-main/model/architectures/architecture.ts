import type { TransformerFacts } from '../model-facts.ts'
import type { MetadataReader } from '../metadata-reader.ts'
import type { MetadataRule } from './metadata-rules.ts'
import type { HasTensor, TensorRule } from './tensor-rules.ts'

/**
 * One row of the architecture table: what a file of this architecture holds, and where it may be cut so that the parts
 * give the whole model's results bit for bit. A row stands in the table only with a parity test.
 */
export interface Architecture {
  /** llama.cpp's name, as in `general.architecture`. */
  readonly name: string
  /** The metadata that llama.cpp reads for it; everything else stays behind when a range is carved. */
  readonly metadata: readonly MetadataRule[]
  /** Whether llama.cpp demands `output.weight`; else the token embedding serves as head where it is absent. */
  readonly needsHead: boolean
  /** Whether llama.cpp takes the heads together to be as long as the width; elsewhere they may be longer or shorter. */
  readonly headsFillWidth?: true
  /** Whether rotary embedding may turn only a part of each head. */
  readonly rotatesPartOfHead?: true
  /** Tensors of the head beside `output.weight`: needed by the last range only. */
  headTensors(facts: TransformerFacts): readonly TensorRule[]
  /** Tensors that every range needs beside `output_norm.weight`. */
  sharedTensors(facts: TransformerFacts): readonly TensorRule[]
  /** Tensors of one layer, names without `blk.<layer>.`; `has` answers for the names of this layer. */
  layerTensors(facts: TransformerFacts, layer: number, has: HasTensor): readonly TensorRule[]
  /**
   * A range may begin at multiples of this: the period after which layers repeat, 1 where no layer depends on its
   * index. `whole` for a model of this architecture that must not be cut.
   */
  boundaryStep(facts: TransformerFacts, reader: MetadataReader): number | 'whole'
}
