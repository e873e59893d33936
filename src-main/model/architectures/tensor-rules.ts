import type { LayerFacts, TransformerFacts } from '../model-facts.ts'

/** A tensor as it must stand in the file. */
export interface TensorRule {
  readonly name: string
  /** Values per row first. */
  readonly shape: readonly number[]
  readonly isRequired: boolean
}

/** Whether the file has the tensor. */
export type HasTensor = (name: string) => boolean

export function required(name: string, ...shape: readonly number[]): TensorRule {
  return { name, shape, isRequired: true }
}

export function optional(name: string, ...shape: readonly number[]): TensorRule {
  return { name, shape, isRequired: false }
}

/** A weight matrix with the scales that types such as NVFP4 keep beside it: one, or one for each expert. */
export function matrix(name: string, ...shape: readonly number[]): readonly TensorRule[] {
  const [, , scales = 1] = shape
  return [
    required(`${name}.weight`, ...shape),
    optional(`${name}.scale`, scales),
    optional(`${name}.input_scale`, scales)
  ]
}

export function factsOfLayer(facts: TransformerFacts, layer: number): LayerFacts {
  const layerFacts = facts.perLayer[layer]
  if (layerFacts === undefined) throw new RangeError(`no layer ${layer}`)
  return layerFacts
}

/** Queries, keys, values (apart or fused, with or without bias) and the output projection. */
export function attention(
  facts: TransformerFacts,
  layer: number,
  has: HasTensor,
  lengths: { readonly key: number; readonly value: number } = {
    key: facts.keyLength,
    value: facts.valueLength
  }
): readonly TensorRule[] {
  const { heads, kvHeads } = factsOfLayer(facts, layer)
  const query = heads * lengths.key
  const key = kvHeads * lengths.key
  const value = kvHeads * lengths.value
  const output = matrix('attn_output', heads * lengths.value, facts.width)
  if (has('attn_qkv.weight')) {
    const fused = query + key + value
    return [...matrix('attn_qkv', facts.width, fused), optional('attn_qkv.bias', fused), ...output]
  }
  return [
    ...matrix('attn_q', facts.width, query),
    ...matrix('attn_k', facts.width, key),
    ...matrix('attn_v', facts.width, value),
    optional('attn_q.bias', query),
    optional('attn_k.bias', key),
    optional('attn_v.bias', value),
    ...output
  ]
}

/** Gate, up and down of a dense feed-forward network. */
export function feedForward(facts: TransformerFacts, layer: number): readonly TensorRule[] {
  const { feedForward: hidden } = factsOfLayer(facts, layer)
  return [
    ...matrix('ffn_gate', facts.width, hidden),
    ...matrix('ffn_up', facts.width, hidden),
    ...matrix('ffn_down', hidden, facts.width)
  ]
}

/** The router and the experts, `hidden` values each. */
export function experts(facts: TransformerFacts, hidden: number): readonly TensorRule[] {
  return [
    required('ffn_gate_inp.weight', facts.width, facts.experts),
    ...matrix('ffn_gate_exps', facts.width, hidden, facts.experts),
    ...matrix('ffn_up_exps', facts.width, hidden, facts.experts),
    ...matrix('ffn_down_exps', hidden, facts.width, facts.experts)
  ]
}

/** Norms of queries and keys, one value for each value of a head. */
export function queryKeyNorms(facts: TransformerFacts): readonly TensorRule[] {
  return [
    required('attn_q_norm.weight', facts.keyLength),
    required('attn_k_norm.weight', facts.keyLength)
  ]
}

/** Factors that stretch rotary embedding: they carry no layer number, so every range needs them. */
export function rotaryFactors(facts: TransformerFacts): readonly TensorRule[] {
  const half = Math.floor(facts.rotary / 2)
  return [
    optional('rope_freqs.weight', half),
    optional('rope_factors_long.weight', half),
    optional('rope_factors_short.weight', half)
  ]
}
