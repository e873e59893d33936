import { tensorTypes } from '#model/tensor-types.ts'
import type { BuiltEntry } from './gguf-builder.ts'
import {
  ggufChunks,
  placeTensors,
  tensorsOf,
  type EditTensors,
  type RandomModelSpec,
  type TensorSketch
} from './random-model.ts'
import type { TestTensorType } from './tensor-data.ts'

/** An adapter for a random model: by default on every matrix that it has. */
export interface RandomAdapterSpec {
  readonly rank: number
  /** `rank` when absent, so that the pairs count as they are. */
  readonly alpha?: number
  /** float32 when absent. */
  readonly type?: TestTensorType
  /** Which of the model's tensors it changes. */
  readonly changes?: (name: string) => boolean
  /** Instead of what the file would say, or beside it; full keys. */
  readonly metadata?: readonly BuiltEntry[]
  readonly seed?: number
}

/** A random adapter as a GGUF file, large enough in its values to change every logit. The same specs give the same bytes. */
export function randomAdapterBytes(
  model: RandomModelSpec,
  spec: RandomAdapterSpec,
  edit: EditTensors = (tensors) => tensors
): Buffer {
  const { type = 'F32', changes = () => true } = spec
  const pairs = tensorsOf(model)
    .filter(({ name, shape }) => shape.length > 1 && isChangeable(name, model) && changes(name))
    .flatMap((tensor) => pairFor(tensor, spec.rank))
    .map((sketch) => ({ ...sketch, type: tensorTypes[type] }))
  const tensors = placeTensors(edit(pairs), type)
  return Buffer.concat([...ggufChunks(metadataOf(model, spec), tensors, spec.seed ?? 7)])
}

/** The embedding of a model that uses it as head cannot be changed. */
function isChangeable(name: string, { isTied }: RandomModelSpec): boolean {
  return name.endsWith('.weight') && !(isTied === true && name === 'token_embd.weight')
}

function pairFor({ name, shape }: TensorSketch, rank: number): readonly TensorSketch[] {
  const [input = 1, output = 1, ...experts] = shape
  const isEmbedding = name === 'token_embd.weight'
  return [
    { name: `${name}.lora_a`, shape: isEmbedding ? [rank, output] : [input, rank, ...experts] },
    { name: `${name}.lora_b`, shape: [rank, isEmbedding ? input : output, ...experts] }
  ]
}

function metadataOf(model: RandomModelSpec, spec: RandomAdapterSpec): readonly BuiltEntry[] {
  const own: readonly BuiltEntry[] = [
    ['general.architecture', 'string', model.architecture],
    ['general.type', 'string', 'adapter'],
    ['general.name', 'string', 'Random adapter'],
    ['adapter.type', 'string', 'lora'],
    ['adapter.lora.alpha', 'f32', spec.alpha ?? spec.rank],
    ...(spec.metadata ?? [])
  ]
  return [...new Map(own.map((entry) => [entry[0], entry])).values()]
}
