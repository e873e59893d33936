import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { canBeSplit, readCatalogue, type CatalogueModel } from '#model/catalogue.ts'
import { openFileSource } from '#model/byte-source.ts'
import { modelFile } from '#test/support/weights/store-fixture.ts'
import { modelKeyOf } from '#weights/model-key.ts'
import { fillModel } from '../../../build/catalogue/fill-model.ts'

const file = path.resolve(import.meta.dirname, '../../../resources/catalogue.json')

describe('the catalogue', () => {
  test('lists models from 0.6 to over 200 billion parameters, dense and mixture, each once', async () => {
    const models = await readCatalogue(file)
    expect(models.length).toBeGreaterThanOrEqual(12)
    expect(new Set(models.map(({ id }) => id)).size).toBe(models.length)
    expect(new Set(models.map(({ source }) => source)).size).toBe(models.length)
    const sizes = models.map(({ parameters }) => parameters)
    expect(Math.min(...sizes)).toBeLessThanOrEqual(0.6e9)
    expect(Math.max(...models.filter(canBeSplit).map((model) => model.parameters))).toBeGreaterThan(
      200e9
    )
    const isMixture = (model: CatalogueModel): boolean => model.activeParameters !== undefined
    expect(models.some(isMixture)).toBe(true)
    expect(models.every(isMixture)).toBe(false)
  })

  test('says of most models that they can be split, and of none that it cannot prove', async () => {
    const models = await readCatalogue(file)
    const whole = models.filter((model) => !canBeSplit(model)).map(({ id }) => id)
    expect(whole).toEqual(['qwen3.6-35b-a3b', 'deepseek-r1'])
  })

  test('is refused when a field is not what it should be', async () => {
    const broken = path.join(import.meta.dirname, 'catalogue.test.ts')
    await expect(readCatalogue(broken)).rejects.toMatchObject({ code: 'model-unreadable' })
  })
})

describe('filling in a model from the web', () => {
  const listed: CatalogueModel = {
    id: 'random',
    name: 'Random',
    license: 'mit',
    source: 'hf:owner/random-GGUF/q8/random.gguf',
    architecture: 'llama',
    parameters: 1,
    quantisation: 'F32'
  }

  test('gives its key, length, layers and bytes per layer', async () => {
    const local = await modelFile()
    const endpoint = await serve(readFileSync(local))
    const source = await openFileSource(local)
    const key = await modelKeyOf(source)
    await source.close()
    const filled = await fillModel(listed, endpoint)
    expect(filled).toMatchObject({ ...listed, key, bytes: source.size, layers: 4 })
    expect((filled.bytesPerLayer ?? 0) * 4).toBeLessThan(source.size)
  })

  test('is refused when the file is not what the list says', async () => {
    const endpoint = await serve(readFileSync(await modelFile()))
    await expect(fillModel({ ...listed, layers: 5 }, endpoint)).rejects.toThrow('layers is 4')
  })
})

/** A server of one file that gives ranges of it. */
async function serve(bytes: Buffer): Promise<string> {
  const server = createServer((request, response) => {
    if (request.url !== '/owner/random-GGUF/resolve/main/q8/random.gguf') {
      response.writeHead(404).end()
      return
    }
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '')
    if (range === null) {
      response.writeHead(200, { 'content-length': bytes.length }).end()
      return
    }
    response.writeHead(206).end(bytes.subarray(Number(range[1]), Number(range[2]) + 1))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return `http://127.0.0.1:${address.port}`
}
