/** Matrix kernels work on blocks of this many rows; a rest below it costs nearly as much as the whole block. */
const blockRows = 16
/** Fewer rows than this waste the kernels of a stage. */
const leastRows = 2 * blockRows
/** Chunks per stage that keep a pipeline full enough: its first and last chunk are the only ones that some stages miss. */
const chunksPerStage = 4

/**
 * Rows of each chunk of a prefill, in order: whole blocks, but for the rest in the last one. One stage alone takes the largest chunks;
 * several overlap on smaller ones.
 */
export function prefillRows(tokens: number, stages: number, preferredRows: number): number[] {
  const most = stages === 1 ? preferredRows : Math.ceil(tokens / (chunksPerStage * stages))
  const wanted = Math.min(preferredRows, Math.max(leastRows, most))
  const rows = wanted < blockRows ? wanted : wanted - (wanted % blockRows)
  const chunks = Array.from({ length: Math.floor(tokens / rows) }, () => rows)
  const rest = tokens % rows
  const last = chunks.at(-1)
  if (rest === 0) return chunks
  // A chunk of a few rows reads all weights for them alone.
  if (last !== undefined && rest < blockRows && last + rest <= preferredRows) {
    return [...chunks.slice(0, -1), last + rest]
  }
  return [...chunks, rest]
}
