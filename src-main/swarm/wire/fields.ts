import c from 'compact-encoding'
import { maxLayers, type LayerRange, type ModelKey } from '#contract/model.ts'
import type { PeerKey, SessionId } from '#contract/peer.ts'
import { wireDtypes, type StagePlace, type StageTiming, type WireDtype } from '#contract/stage.ts'
import { hexOf, uintUpTo, violation, type Codec } from './codec.ts'

/** Fields that several messages share. */

const isSessionId = (hex: string): hex is SessionId => hex.length === 32
const isPeerKey = (hex: string): hex is PeerKey => hex.length === 64
const isModelKey = (hex: string): hex is ModelKey => hex.length === 64

export const sessionId = hexOf(16, isSessionId)
export const peerKey = hexOf(32, isPeerKey)
export const modelKey = hexOf(32, isModelKey)

/** KV cells, positions: no open model of 2026 goes beyond 16 million tokens. */
export const position = uintUpTo(1 << 24)
export const epoch = uintUpTo(0xffff_ffff)
/** Microseconds: an hour at most, so that sums stay exact. */
const micros = uintUpTo(3_600_000_000)

export const timing: Codec<StageTiming> = {
  preencode(state, value) {
    micros.preencode(state, wholeMicros(value.computeMicros))
    micros.preencode(state, wholeMicros(value.waitMicros))
    micros.preencode(state, wholeMicros(value.linkMicros))
  },
  encode(state, value) {
    micros.encode(state, wholeMicros(value.computeMicros))
    micros.encode(state, wholeMicros(value.waitMicros))
    micros.encode(state, wholeMicros(value.linkMicros))
  },
  decode: (state) => ({
    computeMicros: micros.decode(state),
    waitMicros: micros.decode(state),
    linkMicros: micros.decode(state)
  })
}

function wholeMicros(value: number): number {
  return Math.min(3_600_000_000, Math.max(0, Math.round(value)))
}

export const stagePlace: Codec<StagePlace> = {
  preencode(state, place) {
    peerKey.preencode(state, place.peer)
    sessionId.preencode(state, place.session)
  },
  encode(state, place) {
    peerKey.encode(state, place.peer)
    sessionId.encode(state, place.session)
  },
  decode: (state) => ({ peer: peerKey.decode(state), session: sessionId.decode(state) })
}

const layer = uintUpTo(maxLayers)

export const layerRange: Codec<LayerRange> = {
  preencode(state, range) {
    layer.preencode(state, range.first)
    layer.preencode(state, range.end)
  },
  encode(state, range) {
    layer.encode(state, range.first)
    layer.encode(state, range.end)
  },
  decode(state) {
    const range = { first: layer.decode(state), end: layer.decode(state) }
    if (range.first >= range.end) throw violation('an empty range of layers')
    return range
  }
}

export const dtype: Codec<WireDtype> = {
  preencode: (state) => c.uint8.preencode(state, 0),
  encode: (state, value) => c.uint8.encode(state, wireDtypes.indexOf(value)),
  decode(state) {
    const value = wireDtypes[c.uint8.decode(state)]
    if (value === undefined) throw violation('an unknown dtype')
    return value
  }
}

/** A field that may be `null`. */
export function nullable<T>(codec: Codec<T>): Codec<T | null> {
  return {
    preencode(state, value) {
      state.end++
      if (value !== null) codec.preencode(state, value)
    },
    encode(state, value) {
      c.uint8.encode(state, value === null ? 0 : 1)
      if (value !== null) codec.encode(state, value)
    },
    decode(state) {
      const flag = c.uint8.decode(state)
      if (flag > 1) throw violation('a flag that is neither 0 nor 1')
      return flag === 0 ? null : codec.decode(state)
    }
  }
}
