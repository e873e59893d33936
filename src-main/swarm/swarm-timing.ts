/** Times of the swarm, all in milliseconds; tests inject shorter ones. */
export interface SwarmTiming {
  /** To find a peer, connect and agree on versions. */
  readonly connectMs: number
  /** To say hello once connected. */
  readonly helloMs: number
  /** To answer the opening of a session. */
  readonly openMs: number
  /** Between pings on a connection that sessions depend on. */
  readonly beatMs: number
  /** Beats without a packet from the peer, after which sessions go on with another one, if there is one... */
  readonly silentBeats: number
  /** ...and after which its connection is closed: later, since a peer that comes back still holds what it held. */
  readonly lostBeats: number
  /** How long a peer that broke the protocol is ignored. */
  readonly banMs: number
  /** How long a peer of another version is left alone. */
  readonly incompatibleMs: number
  /** How long an announcement holds; it is renewed after half of that. */
  readonly announceTtlMs: number
  /** Between two peers that this one gossips with. */
  readonly gossipMs: number
  /** Changes within this time go out as one announcement. */
  readonly announceDelayMs: number
}

export const defaultTiming: SwarmTiming = {
  connectMs: 20_000,
  helloMs: 15_000,
  openMs: 30_000,
  beatMs: 250,
  silentBeats: 4,
  lostBeats: 24,
  banMs: 10 * 60_000,
  incompatibleMs: 5 * 60_000,
  // As simulated (`npm run sim`): with shorter ones, ten thousand peers know each other no better, at more cost.
  announceTtlMs: 30 * 60_000,
  gossipMs: 400_000,
  announceDelayMs: 100
}
