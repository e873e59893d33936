/**
 * `node build/catalogue/fill-keys.ts [<id> ...]`: fills the keys, lengths and layer sizes of the catalogue's models from the web. Reads
 * every byte of each file and keeps none; HF_ENDPOINT names another server. Models in several files are left out.
 */
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { readCatalogue, type CatalogueModel } from '#model/catalogue.ts'
import { fillModel } from './fill-model.ts'

const file = fileURLToPath(new URL('../../resources/catalogue.json', import.meta.url))
const wanted = new Set(process.argv.slice(2))
const endpoint = process.env['HF_ENDPOINT']
const models: CatalogueModel[] = [...(await readCatalogue(file))]

for (const [index, model] of models.entries()) {
  const isWanted = wanted.size === 0 ? model.key === undefined : wanted.has(model.id)
  if (!isWanted || model.parts !== undefined) continue
  console.log(`${model.id} ...`)
  models[index] = await fillModel(model, endpoint)
  await writeFile(file, `${JSON.stringify({ version: 1, models }, undefined, 2)}\n`)
}
