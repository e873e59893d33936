/** Bytes of one block of a model's core. Part of what a model key means: it never changes. */
export const blockBytes = 64 * 1024

export function blocksOf(bytes: number): number {
  return Math.ceil(bytes / blockBytes)
}

/** Length of one block of a file of `bytes`: only the last may be shorter. */
export function blockLength(index: number, bytes: number): number {
  return Math.min(blockBytes, bytes - index * blockBytes)
}
