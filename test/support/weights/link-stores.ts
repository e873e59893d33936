import SecretStream from '@hyperswarm/secret-stream'
import { onTestFinished } from 'vitest'
import type { WeightsStore } from '#weights/weights-store.ts'

export interface StoreLink {
  readonly near: SecretStream
  readonly far: SecretStream
  cut(): void
}

/** An encrypted connection between two stores, as Hyperswarm would make one, without a network. */
export function linkStores(near: WeightsStore, far: WeightsStore): StoreLink {
  const link = connect()
  near.attach(link.near)
  far.attach(link.far)
  return link
}

export function connect(): StoreLink {
  const near = new SecretStream(true, null)
  const far = new SecretStream(false, null)
  if (near.rawStream === null || far.rawStream === null) throw new Error('no raw streams')
  near.rawStream.pipe(far.rawStream).pipe(near.rawStream)
  const cut = (): void => {
    near.destroy()
    far.destroy()
  }
  for (const end of [near, far]) end.on('error', () => undefined)
  onTestFinished(cut)
  return { near, far, cut }
}
