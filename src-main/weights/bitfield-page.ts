/** Blocks that one page of Hypercore's bitfield stands for, lowest bit first. */
export const blocksPerPage = 32_768
const pageBytes = blocksPerPage / 8

/** A page whose first `blocks` bits are set. */
export function pageOf(blocks: number): Uint8Array {
  const page = new Uint8Array(pageBytes).fill(255, 0, blocks >> 3)
  if (blocks % 8 !== 0) page[blocks >> 3] = (1 << (blocks & 7)) - 1
  return page
}

export function unset(page: Uint8Array, bit: number): void {
  page[bit >> 3] = (page[bit >> 3] ?? 0) & ~(1 << (bit & 7))
}
