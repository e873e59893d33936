import { SkeinError } from '#contract/errors.ts'
import type { Gguf } from '#model/gguf.ts'

/** How llama.cpp's tools name the parts of a model: `name-00002-of-00003.gguf`. */
const partName = /-\d{5}-of-(\d{5})\.gguf$/i

/** Refuses one part of a model that was split into files. Throws `model-split`. */
export function refusePart(gguf: Gguf): void {
  const count = gguf.metadata.get('split.count')
  if (count === undefined || count.type === 'array' || Number(count.value) <= 1) return
  throw new SkeinError('model-split', `one of ${String(count.value)} parts`)
}

/** The same by the name of a file, before gigabytes of it are downloaded. Throws `model-split`. */
export function refusePartName(fileName: string): void {
  const match = partName.exec(fileName)
  if (match !== null && Number(match[1]) > 1) throw new SkeinError('model-split', fileName)
}
