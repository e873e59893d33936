import { open } from 'node:fs/promises'
import { architectureNamed } from '#model/architectures.ts'
import { optional, required, type TensorRule } from '#model/architectures/tensor-rules.ts'
import { tensorBytes } from '#model/gguf-tensors.ts'
import type { TransformerFacts } from '#model/model-facts.ts'
import { tensorTypes, type TensorType } from '#model/tensor-types.ts'
import { buildHeader, type BuiltEntry, type BuiltTensor } from './gguf-builder.ts'
import { tensorData, type TestTensorType } from './tensor-data.ts'

/** The size and kind of a random model. All heads are of one length, as in every architecture of the table. */
export interface RandomModelSpec {
  readonly architecture: string
  /** `general.name`; says what it is when absent. */
  readonly name?: string
  readonly layers: number
  readonly width: number
  readonly heads: number
  readonly kvHeads: number
  readonly headLength: number
  readonly feedForward: number
  readonly vocabulary: number
  readonly experts?: number
  readonly expertsUsed?: number
  readonly expertFeedForward?: number
  /** Type of the matrices; vectors, biases and routers are float32. */
  readonly type: TestTensorType
  /** The embedding serves as head. */
  readonly isTied?: boolean
  /** Optional tensors to include, by their names without `blk.<layer>.`. */
  readonly optionalTensors?: readonly string[]
  /** Metadata beside the sizes; keys without the architecture's name. */
  readonly metadata?: readonly BuiltEntry[]
  /** Metadata with full keys, such as a tokenizer; `no_vocab` when absent. */
  readonly tokenizer?: readonly BuiltEntry[]
  readonly seed?: number
}

interface PlacedTensor extends BuiltTensor {
  readonly type: TensorType
  readonly bytes: number
  readonly offset: number
}

/** A tensor as a test wants it in the file, true to the architecture or not. */
export interface TensorSketch {
  readonly name: string
  readonly shape: readonly number[]
  /** The spec's type for matrices and float32 for the rest when absent. */
  readonly type?: TensorType
}

/** Changes the list of tensors before they are placed: how tests make files that lie. */
export type EditTensors = (tensors: readonly TensorSketch[]) => readonly TensorSketch[]

/** Writes a random model as a GGUF file, tensor by tensor. The same spec gives the same bytes. */
export async function writeRandomModel(path: string, spec: RandomModelSpec): Promise<void> {
  const file = await open(path, 'w')
  try {
    for (const chunk of randomModelChunks(spec)) await file.writeFile(chunk)
  } finally {
    await file.close()
  }
}

/** The same in memory. */
export function randomModelBytes(spec: RandomModelSpec, edit?: EditTensors): Buffer {
  return Buffer.concat([...randomModelChunks(spec, edit)])
}

function* randomModelChunks(
  spec: RandomModelSpec,
  edit: EditTensors = (tensors) => tensors
): Generator<Uint8Array> {
  const tensors = placeTensors(edit(tensorsOf(spec)), spec.type)
  yield* ggufChunks(metadataOf(spec), tensors, spec.seed)
}

/** A whole GGUF file of random tensors. */
export function* ggufChunks(
  metadata: readonly BuiltEntry[],
  tensors: readonly PlacedTensor[],
  seed = 1
): Generator<Uint8Array> {
  yield buildHeader({ metadata, tensors })
  for (const [index, tensor] of tensors.entries()) {
    yield* tensorData(tensor.type, tensor.bytes, spreadOf(tensor), seed * 100_003 + index)
    yield Buffer.alloc(padded(tensor.bytes) - tensor.bytes)
  }
}

function metadataOf(spec: RandomModelSpec): readonly BuiltEntry[] {
  const { experts = 0, expertsUsed = 0, expertFeedForward = 0 } = spec
  const sizes: readonly BuiltEntry[] = [
    ['block_count', 'u32', spec.layers],
    ['context_length', 'u32', 2048],
    ['embedding_length', 'u32', spec.width],
    ['feed_forward_length', 'u32', spec.feedForward],
    ['attention.head_count', 'u32', spec.heads],
    ['attention.head_count_kv', 'u32', spec.kvHeads],
    ['attention.key_length', 'u32', spec.headLength],
    ['attention.value_length', 'u32', spec.headLength],
    ['attention.layer_norm_rms_epsilon', 'f32', 1e-5],
    ['rope.dimension_count', 'u32', spec.headLength]
  ]
  const expertSizes: readonly BuiltEntry[] = [
    ['expert_count', 'u32', experts],
    ['expert_used_count', 'u32', expertsUsed],
    ['expert_feed_forward_length', 'u32', expertFeedForward]
  ]
  const own = [...sizes, ...(experts > 0 ? expertSizes : []), ...(spec.metadata ?? [])]
  const overridden = new Map(own.map((entry) => [entry[0], entry]))
  return [
    ['general.architecture', 'string', spec.architecture],
    ['general.name', 'string', spec.name ?? `Random ${spec.architecture}`],
    ...[...overridden.values()].map((entry) => withPrefix(spec.architecture, entry)),
    ...(spec.tokenizer ?? [
      ['tokenizer.ggml.model', 'string', 'no_vocab'] as const,
      [`${spec.architecture}.vocab_size`, 'u32', spec.vocabulary] as const
    ])
  ]
}

function withPrefix(architecture: string, entry: BuiltEntry): BuiltEntry {
  const key = `${architecture}.${entry[0]}`
  return entry[1] === 'array' ? [key, 'array', entry[2], entry[3]] : [key, entry[1], entry[2]]
}

/** The tensors of such a model, as the architecture table has them. */
export function tensorsOf(spec: RandomModelSpec): readonly TensorRule[] {
  const row = architectureNamed(spec.architecture)
  if (row === undefined) throw new RangeError(`no row for ${spec.architecture}`)
  const facts = factsOf(spec)
  const head = spec.isTied ? optional : required
  const wanted = new Set(spec.optionalTensors)
  const isWanted = (rule: TensorRule): boolean => rule.isRequired || wanted.has(rule.name)
  const layers = facts.perLayer.map((_, layer) =>
    row
      .layerTensors(facts, layer, (name) => wanted.has(name))
      .filter(isWanted)
      .map((rule) => ({ ...rule, name: `blk.${layer}.${rule.name}` }))
  )
  return [
    required('token_embd.weight', spec.width, spec.vocabulary),
    required('output_norm.weight', spec.width),
    ...[head('output.weight', spec.width, spec.vocabulary)].filter(isWanted),
    ...row.headTensors(facts).filter(isWanted),
    ...row.sharedTensors(facts).filter(isWanted),
    ...layers.flat()
  ]
}

function factsOf(spec: RandomModelSpec): TransformerFacts {
  const { heads, kvHeads, feedForward, expertFeedForward = 0 } = spec
  const layer = { heads, kvHeads, feedForward, expertFeedForward }
  return {
    architecture: spec.architecture,
    layers: spec.layers,
    width: spec.width,
    vocabularySize: spec.vocabulary,
    contextLength: 2048,
    perLayer: Array.from({ length: spec.layers }, () => layer),
    keyLength: spec.headLength,
    valueLength: spec.headLength,
    rotary: spec.headLength,
    experts: spec.experts ?? 0,
    expertsUsed: spec.expertsUsed ?? 0
  }
}

/** Places tensors one after the other; those without a type get the matrices' type, or float32. */
export function placeTensors(
  sketches: readonly TensorSketch[],
  matrixType: TestTensorType
): PlacedTensor[] {
  let offset = 0
  return sketches.map(({ name, shape, type: wanted }) => {
    const isMatrix =
      shape.length > 1 && name.endsWith('.weight') && !name.endsWith('ffn_gate_inp.weight')
    const type = wanted ?? tensorTypes[isMatrix ? matrixType : 'F32']
    const bytes = tensorBytes(name, type, shape)
    const placed = { name, typeId: type.id, type, shape, offset, bytes }
    offset += padded(bytes)
    return placed
  })
}

/** Norms lie around 1, biases and sinks around 0; matrices keep the size of what they are multiplied with. */
function spreadOf(tensor: PlacedTensor): { readonly mean: number; readonly deviation: number } {
  if (tensor.name.startsWith('rope_')) return { mean: 2, deviation: 0.2 }
  if (tensor.name.includes('norm')) return { mean: 1, deviation: 0.1 }
  if (tensor.name === 'token_embd.weight') return { mean: 0, deviation: 0.5 }
  const isMatrix = tensor.name.endsWith('.weight') && tensor.shape.length > 1
  return { mean: 0, deviation: isMatrix ? 1 / Math.sqrt(Number(tensor.shape[0])) : 0.2 }
}

function padded(bytes: number): number {
  return Math.ceil(bytes / 32) * 32
}
