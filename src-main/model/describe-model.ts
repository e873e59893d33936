import type { ModelInfo, ModelKey } from '#contract/model.ts'
import { architectureNamed, boundariesOf } from './architectures.ts'
import type { Gguf } from './gguf.ts'
import { tensorValues } from './gguf-tensors.ts'
import { readModelFacts } from './model-facts.ts'

const maxNameLength = 200

/** What the file does not say of itself. */
export interface ModelOrigin {
  readonly key: ModelKey
  /** Length of the file. */
  readonly bytes: number
  readonly fileName: string
}

/** Throws `gguf-metadata-missing` or `gguf-malformed` where the file lacks what every model has. */
export function describeModel(gguf: Gguf, origin: ModelOrigin): ModelInfo {
  const facts = readModelFacts(gguf)
  const architecture = architectureNamed(facts.architecture)
  return {
    key: origin.key,
    name: nameOf(gguf) ?? origin.fileName,
    architecture: facts.architecture,
    layers: facts.layers,
    width: facts.width,
    vocabularySize: facts.vocabularySize,
    contextLength: facts.contextLength,
    bytes: origin.bytes,
    parameters: gguf.tensors.reduce((total, tensor) => total + tensorValues(tensor), 0),
    quantisation: quantisationOf(gguf),
    boundaries: architecture === undefined ? [0] : [...boundariesOf(architecture, gguf)]
  }
}

/** Shown in windows and terminals, so nothing that moves a cursor or hides text may stand in it. */
export function nameOf(gguf: Gguf): string | undefined {
  const entry = gguf.metadata.get('general.name')
  if (entry?.type !== 'string' || typeof entry.value !== 'string') return undefined
  const name = entry.value.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '').trim()
  return name === '' ? undefined : name.slice(0, maxNameLength)
}

/** The type that holds most of the values in matrices. */
function quantisationOf(gguf: Gguf): string {
  const values = new Map<string, number>()
  for (const tensor of gguf.tensors) {
    if (tensor.shape.length < 2) continue
    values.set(tensor.type.name, (values.get(tensor.type.name) ?? 0) + tensorValues(tensor))
  }
  const [most] = [...values].toSorted(([, a], [, b]) => b - a)
  return most?.[0] ?? 'F32'
}
