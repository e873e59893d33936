import { SkeinError } from '#contract/errors.ts'
import type { Gguf, GgufTensor } from '../gguf.ts'

/**
 * Two matrices of low rank whose product is added to one matrix of the model. For a matrix `[in, out]` they are `a [in, rank]`
 * and `b [rank, out]`; for the embedding of tokens `[width, vocabulary]`, the other way round, `a [rank, vocabulary]` and
 * `b [rank, width]`; for experts both have as many as the model's tensor.
 */
export interface AdapterPair {
  /** The model's tensor. */
  readonly target: string
  readonly a: GgufTensor
  readonly b: GgufTensor
}

export interface AdapterTensors {
  /** In the file's order. */
  readonly pairs: readonly AdapterPair[]
  /** Norms that stand beside the pairs in some files; llama.cpp does not apply them. */
  readonly ignored: readonly GgufTensor[]
}

const suffixes = { a: '.lora_a', b: '.lora_b' } as const

/** Throws `adapter-invalid` for half a pair and for no pair at all, `adapter-unsupported` for any other kind of tensor. */
export function pairTensors(gguf: Gguf): AdapterTensors {
  const halves = { a: new Map<string, GgufTensor>(), b: new Map<string, GgufTensor>() }
  const ignored: GgufTensor[] = []
  for (const tensor of gguf.tensors) {
    const { name } = tensor
    if (name.endsWith(suffixes.a)) halves.a.set(name.slice(0, -suffixes.a.length), tensor)
    else if (name.endsWith(suffixes.b)) halves.b.set(name.slice(0, -suffixes.b.length), tensor)
    else if (name.endsWith('_norm.weight')) ignored.push(tensor)
    else throw new SkeinError('adapter-unsupported', `the tensor ${name}`)
  }
  const pairs = [...halves.a].map(([target, a]) => ({ target, a, b: half(halves.b, target) }))
  for (const target of halves.b.keys()) half(halves.a, target)
  if (pairs.length === 0) throw new SkeinError('adapter-invalid', 'it changes nothing')
  return { pairs, ignored }
}

/** Values between the two matrices. */
export function rankOf({ b }: AdapterPair): number {
  return b.shape[0] ?? 0
}

function half(halves: ReadonlyMap<string, GgufTensor>, target: string): GgufTensor {
  const tensor = halves.get(target)
  if (tensor === undefined) throw new SkeinError('adapter-invalid', `half a pair for ${target}`)
  return tensor
}
