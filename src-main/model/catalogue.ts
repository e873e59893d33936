import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { SkeinError } from '#contract/errors.ts'
import { maxLayers, modelKeySchema } from '#contract/model.ts'
import { architectureNamed } from './architectures.ts'

/** `hf:<owner>/<repository>/<path of the file>`. */
const sourceSchema = z.string().regex(/^hf:[\w.-]+\/[\w.-]+\/[\w./-]+\.gguf$/)

/** One open model that can be added. A figure that is not known for certain is absent. */
const catalogueModelSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9.-]{1,64}$/),
  name: z.string().min(1).max(100),
  /** As the model card names it: an SPDX identifier, or the name of a licence of its own. */
  license: z.string().min(1).max(50),
  /** The file; the first one where there are several. */
  source: sourceSchema,
  /** Files that the model comes in; they must be joined before it can be added. */
  parts: z.int().min(2).max(99).optional(),
  architecture: z.string().min(1).max(50),
  /** As the model card rounds them. */
  parameters: z.int().positive(),
  /** Of a mixture of experts: what one token takes. */
  activeParameters: z.int().positive().optional(),
  layers: z.int().min(1).max(maxLayers).optional(),
  /** Tokens. */
  contextLength: z.int().positive().optional(),
  quantisation: z.string().min(1).max(20),
  /** Length of the file. */
  bytes: z.int().positive().optional(),
  /** Mean over the layers. */
  bytesPerLayer: z.int().positive().optional(),
  /** Filled in by `build/catalogue/fill-keys.ts`. */
  key: modelKeySchema.optional()
})
export type CatalogueModel = Readonly<z.infer<typeof catalogueModelSchema>>

const catalogueSchema = z.strictObject({
  version: z.literal(1),
  models: z.array(catalogueModelSchema).max(1000)
})

/** Throws `model-unreadable`: the list comes with Skein, so the installation is damaged. */
export async function readCatalogue(file: string): Promise<readonly CatalogueModel[]> {
  try {
    return catalogueSchema.parse(JSON.parse(await readFile(file, 'utf8'))).models
  } catch (thrown) {
    throw SkeinError.from(thrown, 'model-unreadable')
  }
}

/** Whether several peers can serve it together; else it is served whole only. */
export function canBeSplit({ architecture }: Pick<CatalogueModel, 'architecture'>): boolean {
  return architectureNamed(architecture) !== undefined
}
