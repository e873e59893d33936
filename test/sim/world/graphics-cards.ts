import type { Random } from '#test/support/models/random.ts'

/**
 * What home PCs compute with. Shares: the cards of the Steam Hardware & Software Survey of February 2025 that hold 6 GB and more, in per
 * cent of all PCs; the figures of the five most frequent were published (8.37, 6.73, 6.40, 5.30, 4.18), the others are rounded from the
 * same list. Memory and bandwidth: the makers' data sheets, in GB and GB/s.
 */
const cards = [
  { share: 2.2, memory: 6, bandwidth: 192 }, // GTX 1660
  { share: 3.2, memory: 6, bandwidth: 336 }, // RTX 2060
  { share: 2.6, memory: 8, bandwidth: 224 }, // RTX 3050
  { share: 8.4, memory: 8, bandwidth: 272 }, // RTX 4060
  { share: 6.4, memory: 8, bandwidth: 288 }, // RTX 4060 Ti
  { share: 4.2, memory: 8, bandwidth: 448 }, // RTX 3070 and 3060 Ti
  { share: 6.7, memory: 12, bandwidth: 360 }, // RTX 3060
  { share: 5.3, memory: 12, bandwidth: 504 }, // RTX 4070
  { share: 1.9, memory: 10, bandwidth: 760 }, // RTX 3080
  { share: 1.2, memory: 16, bandwidth: 672 }, // RTX 4070 Ti Super
  { share: 0.9, memory: 16, bandwidth: 717 }, // RTX 4080
  { share: 0.5, memory: 24, bandwidth: 936 }, // RTX 3090
  { share: 0.9, memory: 24, bandwidth: 1008 } // RTX 4090
] as const

const shares = cards.reduce((sum, { share }) => sum + share, 0)

/** Of the memory: the rest is the desktop's and its programs'. */
const lentShare = 0.75
/** Of the bandwidth: what decoding reaches, and how much that differs between PCs (deviation of the logarithm; our assumption). */
const reached = { share: 0.65, deviation: 0.2 } as const

export interface Card {
  /** Bytes that may be lent. */
  readonly memoryBytes: number
  /** Bytes of weights read per microsecond. */
  readonly bytesPerMicro: number
}

export function drawCard(random: Random): Card {
  let left = random.uniform() * shares
  const card = cards.find(({ share }) => (left -= share) < 0) ?? cards[0]
  const spread = Math.exp(random.gauss() * reached.deviation)
  return {
    memoryBytes: card.memory * 1e9 * lentShare,
    bytesPerMicro: card.bandwidth * 1000 * reached.share * spread
  }
}
