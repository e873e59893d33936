import { SkeinError } from '#contract/errors.ts'
import type { Architecture } from './architectures.ts'
import { optional, required, type TensorRule } from './architectures/tensor-rules.ts'
import type { Gguf, GgufTensor } from './gguf.ts'
import type { TransformerFacts } from './model-facts.ts'

/** A model's tensors, every one checked against its architecture and put where it belongs; canonical order inside. */
export interface CheckedTensors {
  readonly embedding: GgufTensor
  readonly outputNorm: GgufTensor
  /** Absent where the embedding serves as head. */
  readonly head: GgufTensor | undefined
  readonly headExtras: readonly GgufTensor[]
  readonly shared: readonly GgufTensor[]
  /** Per layer; names keep `blk.<layer>.`. */
  readonly layers: readonly (readonly GgufTensor[])[]
}

/**
 * Compares a file with the architecture's rules tensor by tensor. Throws `gguf-tensor-invalid` for a tensor that is
 * missing, unknown, or of a wrong shape or type.
 */
export function checkTensors(
  architecture: Architecture,
  facts: TransformerFacts,
  gguf: Gguf
): CheckedTensors {
  const unclaimed = new Map(gguf.tensors.map((tensor) => [tensor.name, tensor]))
  const claim = (rules: readonly TensorRule[], prefix = ''): readonly GgufTensor[] =>
    rules.flatMap((rule) => claimTensor(unclaimed, rule, prefix + rule.name))
  const claimOne = (rule: TensorRule): GgufTensor | undefined => claim([rule])[0]

  const { width, vocabularySize } = facts
  const headRule = architecture.needsHead ? required : optional
  const checked = {
    embedding: present(claimOne(required('token_embd.weight', width, vocabularySize))),
    outputNorm: present(claimOne(required('output_norm.weight', width))),
    head: claimOne(headRule('output.weight', width, vocabularySize)),
    headExtras: claim([
      ...architecture.headTensors(facts),
      optional('output.scale', 1),
      optional('output.input_scale', 1)
    ]),
    shared: claim(architecture.sharedTensors(facts)),
    layers: facts.perLayer.map((_, layer) => {
      const prefix = `blk.${layer}.`
      const has = (name: string): boolean => unclaimed.has(prefix + name)
      return claim(architecture.layerTensors(facts, layer, has), prefix)
    })
  }
  const [stranger] = unclaimed.keys()
  if (stranger !== undefined) {
    throw new SkeinError(
      'gguf-tensor-invalid',
      `${stranger} does not belong to ${facts.architecture}`
    )
  }
  return checked
}

function claimTensor(
  unclaimed: Map<string, GgufTensor>,
  rule: TensorRule,
  name: string
): readonly GgufTensor[] {
  const tensor = unclaimed.get(name)
  if (tensor === undefined) {
    if (rule.isRequired) throw new SkeinError('gguf-tensor-invalid', `${name} is missing`)
    return []
  }
  unclaimed.delete(name)
  checkShape(tensor, rule.shape)
  checkType(tensor)
  return [tensor]
}

function checkShape(tensor: GgufTensor, expected: readonly number[]): void {
  // Some writers end a shape with ones; ggml sees no difference.
  const trailing = tensor.shape.slice(expected.length)
  const isExpected =
    expected.every((dimension, axis) => tensor.shape[axis] === dimension) &&
    trailing.every((dimension) => dimension === 1)
  if (isExpected) return
  const found = tensor.shape.join(' x ')
  throw new SkeinError(
    'gguf-tensor-invalid',
    `${tensor.name} is ${found} instead of ${expected.join(' x ')}`
  )
}

/** Vectors and biases enter llama.cpp's element-wise operations, which take float32 only. */
function checkType(tensor: GgufTensor): void {
  const isVector = tensor.shape.length === 1 || !tensor.name.endsWith('.weight')
  const isRight = isVector ? tensor.type.name === 'F32' : tensor.type.isForWeights
  if (!isRight) {
    throw new SkeinError('gguf-tensor-invalid', `${tensor.name} is ${tensor.type.name}`)
  }
}

function present(tensor: GgufTensor | undefined): GgufTensor {
  if (tensor === undefined) throw new TypeError('a required tensor was not claimed')
  return tensor
}
