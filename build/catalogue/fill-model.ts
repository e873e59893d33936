import type { CatalogueModel } from '#model/catalogue.ts'
import { describeModel } from '#model/describe-model.ts'
import { readGguf, type Gguf } from '#model/gguf.ts'
import { modelKeyOf } from '#weights/model-key.ts'
import { HttpSource } from './http-source.ts'

/**
 * Reads a model's file from the web, keeps none of it, and fills in what only its bytes can tell. What they say differently from the
 * catalogue is an error: the list or the file is wrong, and a person must look.
 */
export async function fillModel(
  model: CatalogueModel,
  endpoint = 'https://huggingface.co'
): Promise<CatalogueModel> {
  const source = await HttpSource.open(urlOf(model, endpoint))
  const key = await modelKeyOf(source)
  const gguf = await readGguf(source)
  const info = describeModel(gguf, { key, bytes: source.size, fileName: model.id })
  const found = { architecture: info.architecture, layers: info.layers, bytes: info.bytes }
  for (const [name, value] of Object.entries(found)) {
    const listed = Object.entries(model).find(([field]) => field === name)?.[1]
    if (listed !== undefined && listed !== value) {
      throw new Error(`${model.id}: ${name} is ${value} in the file, ${String(listed)} in the list`)
    }
  }
  // Model cards often name less than the file allows.
  const { contextLength } = info
  return {
    ...model,
    ...found,
    contextLength,
    bytesPerLayer: meanLayerBytes(gguf, info.layers),
    key
  }
}

function urlOf({ source }: CatalogueModel, endpoint: string): string {
  const [owner = '', repository = '', ...path] = source.slice('hf:'.length).split('/')
  return `${endpoint}/${owner}/${repository}/resolve/main/${path.join('/')}`
}

function meanLayerBytes(gguf: Gguf, layers: number): number {
  const inLayers = gguf.tensors.filter(({ name }) => name.startsWith('blk.'))
  return Math.round(inLayers.reduce((sum, { bytes }) => sum + bytes, 0) / layers)
}
