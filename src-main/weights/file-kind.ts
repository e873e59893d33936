import { SkeinError } from '#contract/errors.ts'
import type { LayerRange, ModelKey } from '#contract/model.ts'
import {
  isStoredAdapter,
  type StoredAdapter,
  type StoredFile,
  type StoredModel
} from '#contract/weights.ts'
import { adapterRangesOf } from '#model/adapter/carve-adapter.ts'
import { checkAdapter } from '#model/adapter/check-adapter.ts'
import { describeAdapter } from '#model/adapter/describe-adapter.ts'
import { rangesOf } from '#model/carve.ts'
import { describeModel, type ModelOrigin } from '#model/describe-model.ts'
import type { Gguf } from '#model/gguf.ts'
import type { ByteRange } from '#model/metadata-value.ts'
import { readModelFacts } from '#model/model-facts.ts'
import type { ModelRecord, RecordFacts } from './model-record.ts'
import { refusePart } from './split-model.ts'

/** What a GGUF file is to be kept as: a model, or an adapter for one. */
export interface FileKind {
  /** Refuses a header that is not of this kind, before more is read. Throws what checking it throws. */
  readonly check: (gguf: Gguf) => void
  readonly describe: (gguf: Gguf, origin: ModelOrigin) => RecordFacts
  /** The bytes of some layers, beside the header. */
  readonly layersOf: (gguf: Gguf, range: LayerRange) => readonly ByteRange[]
  /** Whether a file that is kept already is kept as this. */
  readonly isKept: (record: ModelRecord) => boolean
}

export const modelKind: FileKind = {
  check: (gguf) => {
    refusePart(gguf)
    readModelFacts(gguf)
  },
  describe: (gguf, origin) => ({ info: describeModel(gguf, origin) }),
  layersOf: rangesOf,
  isKept: (record) => !('base' in record)
}

/** `model`: the header of the model `base`. */
export function adapterKind(base: ModelKey, model: Gguf): FileKind {
  return {
    check: (gguf) => void checkAdapter(gguf, model),
    describe: (gguf, origin) => ({ info: describeAdapter(gguf, origin), base }),
    layersOf: (gguf, range) => adapterRangesOf(gguf, model, range),
    isKept: (record) => 'base' in record && record.base === base
  }
}

/** Throws `model-is-adapter`. */
export function asModel(file: StoredFile): StoredModel {
  if (isStoredAdapter(file)) throw new SkeinError('model-is-adapter', file.info.name)
  return file
}

/** Throws `adapter-invalid`. */
export function asAdapter(file: StoredFile): StoredAdapter {
  if (!isStoredAdapter(file))
    throw new SkeinError('adapter-invalid', `${file.info.name} is a model`)
  return file
}
