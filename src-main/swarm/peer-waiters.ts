import { SkeinError } from '#contract/errors.ts'
import type { PeerKey } from '#contract/peer.ts'
import type { StageLink } from '#contract/stage.ts'

interface Waiter {
  readonly peer: PeerKey
  readonly resolve: (link: StageLink) => void
  readonly reject: (error: SkeinError) => void
}

/** Those who wait for a connection to a peer. */
export class PeerWaiters {
  readonly #waiters = new Set<Waiter>()

  /** Throws `peer-unreachable` after `timeoutMs`, or what `failed` is told. */
  async wait(peer: PeerKey, timeoutMs: number): Promise<StageLink> {
    let timer: NodeJS.Timeout | undefined
    let waiter: Waiter | undefined
    try {
      return await new Promise<StageLink>((resolve, reject) => {
        waiter = { peer, resolve, reject }
        this.#waiters.add(waiter)
        timer = setTimeout(() => reject(new SkeinError('peer-unreachable', peer)), timeoutMs)
      })
    } finally {
      clearTimeout(timer)
      if (waiter !== undefined) this.#waiters.delete(waiter)
    }
  }

  found(link: StageLink): void {
    for (const waiter of this.#waiters) if (waiter.peer === link.peer) waiter.resolve(link)
  }

  failed(peer: PeerKey, error: SkeinError): void {
    for (const waiter of this.#waiters) if (waiter.peer === peer) waiter.reject(error)
  }
}
