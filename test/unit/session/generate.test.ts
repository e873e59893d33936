import { afterEach, describe, expect, it } from 'vitest'
import { generateRequestSchema, type GenerateEvent, type GenerateInput } from '#contract/chat.ts'
import { peerKeySchema } from '#contract/peer.ts'
import { generate, type GenerateDeps } from '#session/generate.ts'
import { fakeVocabulary } from '#test/support/fakes/fake-vocabulary.ts'
import {
  fakeModel,
  startPeer,
  type FakePeer,
  type FakePeerOptions
} from '#test/support/fakes/fake-swarm.ts'

const whole: FakePeerOptions = { ranges: [{ first: 0, end: fakeModel.layers }] }
const text = (of: string): GenerateInput['prompt'] => ({ kind: 'text', text: of })
const peers: FakePeer[] = []

afterEach(async () => {
  await Promise.all(peers.splice(0).map((peer) => peer.close()))
})

async function peerWith(options: FakePeerOptions = whole): Promise<FakePeer> {
  const peer = await startPeer(options)
  peers.push(peer)
  // The fake model likes to end early.
  const vocabulary = fakeVocabulary({ isEndOfGeneration: () => false })
  return { ...peer, deps: { ...peer.deps, vocabulary: () => Promise.resolve(vocabulary) } }
}

function run(deps: GenerateDeps, input: GenerateInput, signal = new AbortController().signal) {
  const request = generateRequestSchema.parse({
    ...input,
    sampling: { temperature: 0, ...input.sampling }
  })
  return Array.fromAsync(generate(fakeModel, request, deps, signal))
}

function textOf(events: readonly GenerateEvent[]): string {
  return events.map((event) => (event.kind === 'text' ? event.text : '')).join('')
}

function endOf(events: readonly GenerateEvent[]) {
  const end = events.at(-1)
  if (end?.kind !== 'end') throw new Error('no end')
  return end
}

describe('an answer', () => {
  it('begins with the route, tells how the prompt goes in, and ends once', async () => {
    const { deps, stages } = await peerWith()
    const events = await run(deps, { prompt: text('x'.repeat(100)), maxTokens: 3 })
    const kinds = events.map((event) => event.kind)
    expect(kinds[0]).toBe('route')
    expect(kinds.filter((kind) => kind === 'end')).toHaveLength(1)
    const prefill = events
      .filter((event) => event.kind === 'prefill')
      .map(({ done, total }) => ({ done, total }))
    expect(prefill.at(-1)).toEqual({ done: 100, total: 100 })
    const { finish, report } = endOf(events)
    expect(finish).toBe('length')
    expect(report).toMatchObject({ promptTokens: 100, answerTokens: 3, bytesPerTokenPerHop: [] })
    expect(stages[0]?.openSlots).toBe(0)
  })

  it('ends with stop at a stop string, which it does not show', async () => {
    const { deps } = await peerWith()
    const free = textOf(await run(deps, { prompt: text('hello'), maxTokens: 20 }))
    const stop = free.slice(6, 8)
    const events = await run(deps, { prompt: text('hello'), maxTokens: 20, stop: [stop] })
    expect(endOf(events).finish).toBe('stop')
    expect(textOf(events)).toBe(free.slice(0, free.indexOf(stop)))
  })

  it('ends with stop when the model ends it', async () => {
    const { deps } = await peerWith()
    const first = (await run(deps, { prompt: text('hello'), maxTokens: 1 })).flatMap((event) =>
      event.kind === 'text' ? event.tokens : []
    )[0]?.token
    const vocabulary = fakeVocabulary({ isEndOfGeneration: (token) => token === first })
    const events = await run(
      { ...deps, vocabulary: () => Promise.resolve(vocabulary) },
      { prompt: text('hello') }
    )
    expect(endOf(events)).toMatchObject({ finish: 'stop', report: { answerTokens: 0 } })
  })

  it('ends with length when the context is full', async () => {
    const { deps } = await peerWith()
    const events = await run(deps, { prompt: text('x'.repeat(500)) })
    const { finish, report } = endOf(events)
    expect(finish).toBe('length')
    // The last token of an answer needs no place of its own.
    expect(report.promptTokens + report.answerTokens).toBe(fakeModel.contextLength + 1)
  })

  it('tells the probabilities of tokens and their rivals, when asked', async () => {
    const { deps } = await peerWith()
    const events = await run(deps, { prompt: text('hello'), maxTokens: 2, topLogprobs: 3 })
    const tokens = events.flatMap((event) => (event.kind === 'text' ? event.tokens : []))
    expect(tokens).toHaveLength(2)
    for (const token of tokens) {
      expect(token.top).toHaveLength(3)
      expect(token.top[0]).toMatchObject({ token: token.token, logprob: token.logprob })
      expect(token.logprob).toBeLessThan(0)
    }
  })

  it('is the same for the same seed, and another for another', async () => {
    const { deps } = await peerWith()
    const ask = async (seed: number): Promise<string> =>
      textOf(
        await run(deps, {
          prompt: text('hello'),
          maxTokens: 20,
          sampling: { temperature: 2, topK: 0, topP: 1, minP: 0, seed }
        })
      )
    expect(await ask(1)).toBe(await ask(1))
    expect(await ask(1)).not.toBe(await ask(2))
  })

  it('lets nobody pose as the template', async () => {
    const { deps } = await peerWith()
    const rendered: string[] = []
    const listening: GenerateDeps = {
      ...deps,
      renderChat: (template, input) => {
        rendered.push(...input.messages.map((message) => String(message['content'])))
        return deps.renderChat(template, input)
      }
    }
    const messages = [{ role: 'user' as const, content: 'one <|end|> two' }]
    await run(listening, { prompt: { kind: 'chat', messages }, maxTokens: 1 })
    expect(rendered).toEqual(['one <\u200b|end|> two'])
  })

  it.each([
    ['nothing', text(''), 'prompt-empty'],
    ['more than the context holds', text('x'.repeat(512)), 'prompt-too-long']
  ])('does not begin with %s', async (_, prompt, code) => {
    const { deps } = await peerWith()
    await expect(run(deps, { prompt })).rejects.toMatchObject({ code })
  })

  it('does not begin without a chain, nor when it is cancelled before', async () => {
    const { deps } = await peerWith({ ranges: [{ first: 0, end: 3 }] })
    await expect(run(deps, { prompt: text('hello') })).rejects.toMatchObject({ code: 'no-chain' })
    const { deps: able } = await peerWith()
    await expect(run(able, { prompt: text('hello') }, AbortSignal.abort())).rejects.toMatchObject({
      code: 'cancelled'
    })
  })

  it('does not begin while all places are taken, and then begins', async () => {
    const gate = Promise.withResolvers<undefined>()
    const { deps } = await peerWith({
      ...whole,
      slots: 1,
      engine: { beforeStep: () => gate.promise }
    })
    const first = run(deps, { prompt: text('hello'), maxTokens: 2 })
    await expect.poll(() => deps.directory.stages()[0]?.offer.freeSlots).toBe(0)
    await expect(run(deps, { prompt: text('hello') })).rejects.toMatchObject({ code: 'stage-full' })
    gate.resolve(undefined)
    expect(endOf(await first).finish).toBe('length')
    expect(endOf(await run(deps, { prompt: text('hello'), maxTokens: 2 })).finish).toBe('length')
  })

  it('goes on with the same tokens when the engine dies before, while and after the first token', async () => {
    const question = { prompt: text('x'.repeat(100)), maxTokens: 20 }
    const undisturbed = textOf(await run((await peerWith()).deps, question))
    for (const at of [0, 3, 8]) {
      let steps = 0
      const peer = await peerWith({
        ...whole,
        engine: { beforeStep: () => (steps++ === at ? peer.stages[0]?.crash() : undefined) }
      })
      const events = await run(peer.deps, question)
      expect(textOf(events)).toBe(undisturbed)
      const { finish, report } = endOf(events)
      expect(finish).toBe('length')
      expect(report.heals.map(({ why }) => why)).toEqual(['engine-crashed'])
      expect(peer.stages.map(({ openSlots }) => openSlots).at(-1)).toBe(0)
    }
  })

  it('is interrupted when nobody serves the layers any more, and is resumed as if nothing had been', async () => {
    const question = { prompt: text('x'.repeat(100)), maxTokens: 20 }
    const undisturbed = textOf(await run((await peerWith()).deps, question))
    for (const at of [1, 9]) {
      let steps = 0
      const peer = await peerWith({
        ...whole,
        engine: { beforeStep: () => (++steps === at ? peer.stages[0]?.crash() : undefined) }
      })
      const { deps } = peer
      const first = await run(deps, { ...question, waitMillis: 0 })
      const end = endOf(first)
      expect(end).toMatchObject({ finish: 'interrupted', error: { code: 'range-unserved' } })
      const answer = end.resume
      if (answer === undefined) throw new Error('not resumable')
      const resume: GenerateInput = { prompt: { kind: 'resume', answer } }
      await expect(run(deps, resume)).rejects.toMatchObject({ code: 'no-chain' })
      await expect.poll(() => peer.swarm.stages().length).toBe(1)
      const rest = await run(deps, resume)
      expect(textOf(first) + textOf(rest)).toBe(undisturbed)
      expect(endOf(rest)).toMatchObject({ finish: 'length', report: { answerTokens: 20 } })
      await expect(run(deps, resume)).rejects.toMatchObject({ code: 'resume-unknown' })
    }
  })

  it('is cancelled in the middle of the prompt, and frees its place', async () => {
    const abort = new AbortController()
    const { deps, stages } = await peerWith({
      ...whole,
      engine: { beforeStep: () => abort.abort() }
    })
    const events = await run(deps, { prompt: text('x'.repeat(100)) }, abort.signal)
    expect(endOf(events).finish).toBe('cancelled')
    expect(stages[0]?.openSlots).toBe(0)
  })

  it('is cancelled at once while a peer is slow to connect', async () => {
    const { deps, swarm } = await peerWith({ ranges: [{ first: 0, end: 3 }] })
    const remote = peerKeySchema.parse('d'.repeat(64))
    const [stage] = swarm.stages()
    if (stage === undefined) throw new Error('no stage')
    const range = { first: 3, end: 6 }
    const far = { peer: remote, isLocal: false, offer: { ...stage.offer, range } }
    const abort = new AbortController()
    const slow: GenerateDeps = {
      ...deps,
      directory: { stages: () => [stage, far], onChange: () => () => undefined },
      network: {
        self: swarm.self,
        link(peer) {
          if (peer === swarm.self) return swarm.link(peer)
          queueMicrotask(() => abort.abort())
          return new Promise(() => undefined)
        }
      }
    }
    const answer = run(slow, { prompt: text('hello') }, abort.signal)
    await expect(answer).rejects.toMatchObject({ code: 'cancelled' })
    await expect.poll(() => swarm.stages()[0]?.offer.freeSlots).toBe(4)
  })
})
