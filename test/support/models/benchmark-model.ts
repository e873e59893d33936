import { tinyTokenizer } from './tokenizer.ts'
import { writeRandomModel, type RandomModelSpec } from './random-model.ts'

/** TinyLlama's shape: 1.1 billion parameters, some 630 MB as Q4_0. */
export const benchmarkSpec: RandomModelSpec = {
  architecture: 'llama',
  layers: 22,
  width: 2048,
  heads: 32,
  kvHeads: 4,
  headLength: 64,
  feedForward: 5632,
  vocabulary: 32_000,
  type: 'Q4_0',
  tokenizer: tinyTokenizer(32_000)
}

/** Writes the model that the benchmark measures. Streams: takes seconds and a few megabytes of memory. */
export async function writeBenchmarkModel(path: string): Promise<void> {
  await writeRandomModel(path, benchmarkSpec)
}
