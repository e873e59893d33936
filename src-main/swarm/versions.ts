import type { Hello } from './wire/hello-message.ts'

/** The versions of each protocol that this build speaks, best first. Channels are named `skein/<protocol>/<version>`. */
export const spokenVersions = { announce: [2], stage: [2] } as const

export type Protocol = keyof typeof spokenVersions

export interface AgreedVersions {
  readonly announce: number
  readonly stage: number
}

/** The best version of each protocol that both ends speak; a protocol that they share no version of is named. */
export function agreeOnVersions(hello: Hello): AgreedVersions | { readonly missing: Protocol } {
  const announce = best('announce', hello)
  const stage = best('stage', hello)
  if (announce === undefined) return { missing: 'announce' }
  if (stage === undefined) return { missing: 'stage' }
  return { announce, stage }
}

function best(protocol: Protocol, hello: Hello): number | undefined {
  const theirs = new Set(hello.protocols[protocol] ?? [])
  return spokenVersions[protocol].find((version) => theirs.has(version))
}
