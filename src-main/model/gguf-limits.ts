/**
 * What the reader takes at most. Each is several times what the largest open models of 2026 have (200 layers,
 * 3,000 tensors, 500,000 merges), and small enough that a hostile file costs neither memory nor time.
 */
export const ggufLimits = {
  /** Everything before the tensors' data, in bytes. */
  headerBytes: 64 * 1024 * 1024,
  metadataEntries: 4096,
  tensors: 32_768,
  /** Entries of one array; vocabularies have up to 300,000. */
  arrayCount: 4 * 1024 * 1024,
  /** Bytes of one string that stands alone; chat templates have up to 100,000. */
  stringBytes: 1024 * 1024,
  keyBytes: 256,
  /** llama.cpp's own limit, its terminating zero included, is 64. */
  tensorNameBytes: 63,
  dimensions: 4,
  alignment: 65_536,
  /** Arrays of numbers up to this length are kept as values: per-layer facts. Longer ones stay in the file. */
  keptArrayCount: 1024
} as const
