/**
 * Which domain under `src-main` may import which: the table of ARCHITECTURE.md as data, enforced by ESLint.
 * `contract` imports nothing of ours; every domain may import `contract` and `log`.
 */
const table = {
  contract: [],
  log: ['contract'],
  settings: ['contract', 'log'],
  policy: ['contract', 'log'],
  signals: ['contract', 'log'],
  model: ['contract', 'log'],
  weights: ['contract', 'log', 'model'],
  engine: ['contract', 'log', 'model'],
  swarm: ['contract', 'log'],
  host: ['contract', 'log', 'policy', 'signals', 'weights', 'model', 'engine', 'swarm'],
  session: ['contract', 'log', 'swarm', 'model'],
  trust: ['contract', 'log', 'swarm'],
  chat: ['contract', 'log', 'session'],
  api: ['contract', 'log', 'chat', 'session']
} as const

export type Domain = keyof typeof table

function isDomain(name: string): name is Domain {
  return name in table
}

export const domains: readonly Domain[] = Object.keys(table).filter(isDomain)
export const domainsThatMayImport: Readonly<Record<Domain, readonly Domain[]>> = table
