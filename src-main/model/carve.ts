import type { LayerRange } from '#contract/model.ts'
import type { ByteSource } from './byte-source.ts'
import { planRange, planVocabulary } from './carve-plan.ts'
import { checkTokens } from './check-tokens.ts'
import type { Gguf } from './gguf.ts'
import { writePieces, type CarvedFile, type CarveOptions } from './write-pieces.ts'

export { rangesOf } from './carve-plan.ts'
export type { CarvedFile, CarveOptions } from './write-pieces.ts'

/** Rises whenever the same model is carved into other bytes: belongs into the name of a carved file that is kept. */
export const carveFormat = 1

/**
 * Writes the layers of `range` as a GGUF file of its own, made of checked tensors and known metadata only. Reads no more
 * than the range needs; the file appears at `targetPath` whole or not at all. Throws what `planRange` throws,
 * `model-unreadable`, `gguf-truncated`, `model-not-written`, or `cancelled`.
 */
export async function carveRange(
  source: ByteSource,
  gguf: Gguf,
  range: LayerRange,
  targetPath: string,
  options: CarveOptions = {}
): Promise<CarvedFile> {
  return writePieces(source, planRange(gguf, range), targetPath, options)
}

/**
 * Writes the model's tokenizer without tensors: all that llama.cpp needs to load a vocabulary only. Throws
 * `gguf-malformed` for a tokenizer that llama.cpp would abort on, and what `carveRange` throws.
 */
export async function carveVocabulary(
  source: ByteSource,
  gguf: Gguf,
  targetPath: string,
  options: CarveOptions = {}
): Promise<CarvedFile> {
  const pieces = planVocabulary(gguf)
  await checkTokens(source, gguf)
  return writePieces(source, pieces, targetPath, options)
}
