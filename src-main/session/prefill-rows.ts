/** Fewer rows than this waste the matrix kernels of a stage. */
const leastRows = 32
/** Chunks per stage that keep a pipeline full enough: its first and last chunk are the only ones that some stages miss. */
const chunksPerStage = 4

/**
 * Rows per chunk of a prefill. One stage alone takes the largest chunks; several overlap on smaller ones, all of nearly the same
 * size so that none is left with a tail of a few rows.
 */
export function prefillRows(tokens: number, stages: number, preferredRows: number): number {
  const most = stages === 1 ? preferredRows : Math.ceil(tokens / (chunksPerStage * stages))
  const rows = Math.max(1, Math.min(preferredRows, Math.max(leastRows, most)))
  const chunks = Math.ceil(tokens / rows)
  return Math.ceil(tokens / chunks)
}
