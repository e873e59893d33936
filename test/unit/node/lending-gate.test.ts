import { expect, test } from 'vitest'
import { modelKeySchema } from '#contract/model.ts'
import { peerKeySchema, sessionIdSchema } from '#contract/peer.ts'
import type { OpenSession, StageService } from '#contract/stage.ts'
import { lendingGate } from '../../../src-main/node/lending-gate.ts'

const self = peerKeySchema.parse('aa'.repeat(32))
const stranger = peerKeySchema.parse('bb'.repeat(32))
const events = { result: () => Promise.resolve(), failed: () => undefined, notice: () => undefined }
const request: OpenSession = {
  session: sessionIdSchema.parse('cc'.repeat(16)),
  model: modelKeySchema.parse('dd'.repeat(32)),
  range: { first: 0, end: 1 },
  upstream: self,
  downstream: null,
  maxTokens: 8,
  dtype: 'float32',
  quietUntil: 0
}

test('strangers are served only while the person lends; this peer serves itself always', async () => {
  let isLending = false
  const gate = lendingGate(new OpenService(), self, () => isLending)
  const open = (peer: typeof self) => gate.open(request, { peer, events })
  await expect(open(stranger)).rejects.toMatchObject({ code: 'stage-not-here' })
  expect(await open(self)).toEqual({ preferredRows: 1 })
  isLending = true
  expect(await open(stranger)).toEqual({ preferredRows: 1 })
  isLending = false
  await expect(open(stranger)).rejects.toMatchObject({ code: 'stage-not-here' })
})

/** Serves whoever comes. */
class OpenService implements StageService {
  open() {
    return Promise.resolve({ preferredRows: 1 })
  }
  step = () => Promise.resolve()
  relink = () => Promise.resolve()
  rollback = () => undefined
  close = () => undefined
  silent = () => undefined
  gone = () => undefined
}
