import c from 'compact-encoding'
import { SkeinError } from '#contract/errors.ts'

/** Where an encoder or decoder stands in its buffer; compact-encoding's own shape. */
export interface CodecState {
  start: number
  end: number
  buffer: Uint8Array | null
}

/**
 * One message or field on the wire. `decode` reads bytes of a stranger: it checks every bound before it uses a value and
 * throws on whatever does not fit. Its caller turns any throw into `protocol-violation`.
 */
export interface Codec<T> {
  preencode(state: CodecState, value: T): void
  encode(state: CodecState, value: T): void
  decode(state: CodecState): T
}

/** A whole number in `[0, max]`. */
export function uintUpTo(max: number): Codec<number> {
  return {
    preencode: (state, value) => c.uint.preencode(state, value),
    encode: (state, value) => c.uint.encode(state, value),
    decode(state) {
      const value = c.uint.decode(state)
      if (!(value <= max)) throw violation(`a number over ${max}`)
      return value
    }
  }
}

/** Bytes with their length in front. The decoded value is a view into the message: nothing is copied. */
export function bytesUpTo(max: number): Codec<Uint8Array> {
  return {
    preencode(state, value) {
      c.uint.preencode(state, value.byteLength)
      state.end += value.byteLength
    },
    encode(state, value) {
      c.uint.encode(state, value.byteLength)
      bufferOf(state).set(value, state.start)
      state.start += value.byteLength
    },
    decode(state) {
      const length = c.uint.decode(state)
      if (!(length <= max)) throw violation(`more than ${max} bytes in a field`)
      return take(state, length)
    }
  }
}

/** All bytes up to the end of the message. */
export const restOfMessage: Codec<Uint8Array> = {
  preencode(state, value) {
    state.end += value.byteLength
  },
  encode(state, value) {
    bufferOf(state).set(value, state.start)
    state.start += value.byteLength
  },
  decode: (state) => take(state, state.end - state.start)
}

/** A list with its length in front. */
export function listUpTo<T>(item: Codec<T>, max: number): Codec<readonly T[]> {
  return {
    preencode(state, list) {
      c.uint.preencode(state, list.length)
      for (const value of list) item.preencode(state, value)
    },
    encode(state, list) {
      c.uint.encode(state, list.length)
      for (const value of list) item.encode(state, value)
    },
    decode(state) {
      const length = c.uint.decode(state)
      if (!(length <= max)) throw violation(`more than ${max} entries in a list`)
      const list: T[] = []
      for (let index = 0; index < length; index++) list.push(item.decode(state))
      return list
    }
  }
}

const text = { encoder: new TextEncoder(), decoder: new TextDecoder('utf-8', { fatal: true }) }

/** UTF-8 text of at most `max` bytes. */
export function textUpTo(max: number): Codec<string> {
  const bytes = bytesUpTo(max)
  return {
    preencode: (state, value) => bytes.preencode(state, text.encoder.encode(value)),
    encode: (state, value) => bytes.encode(state, text.encoder.encode(value)),
    decode: (state) => text.decoder.decode(bytes.decode(state))
  }
}

/** Fixed bytes that we write as lower-case hex, and know under a name of their own. */
export function hexOf<T extends string>(bytes: number, isOne: (hex: string) => hex is T): Codec<T> {
  return {
    preencode(state) {
      state.end += bytes
    },
    encode(state, hex) {
      state.start += Buffer.from(bufferOf(state).buffer, bufferOf(state).byteOffset).write(
        hex,
        state.start,
        bytes,
        'hex'
      )
    },
    decode(state) {
      const view = take(state, bytes)
      const hex = Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString('hex')
      if (!isOne(hex)) throw violation('a malformed key')
      return hex
    }
  }
}

/** The next `length` bytes as a view. */
export function take(state: CodecState, length: number): Uint8Array {
  if (!(length <= state.end - state.start)) throw violation('a message that ends too early')
  const view = bufferOf(state).subarray(state.start, state.start + length)
  state.start += length
  return view
}

export function bufferOf(state: CodecState): Uint8Array {
  if (state.buffer === null) throw new SkeinError('internal', 'encoding without a buffer')
  return state.buffer
}

/** Reads one whole message. Throws `protocol-violation` on anything but exactly one. */
export function decodeWhole<T>(codec: Codec<T>, message: Uint8Array): T {
  const state: CodecState = { start: 0, end: message.byteLength, buffer: message }
  try {
    const value = codec.decode(state)
    if (state.start !== state.end) throw violation('bytes after the end of a message')
    return value
  } catch (thrown) {
    throw SkeinError.from(thrown, 'protocol-violation')
  }
}

export function encodeWhole<T>(codec: Codec<T>, value: T): Uint8Array {
  const state: CodecState = { start: 0, end: 0, buffer: null }
  codec.preencode(state, value)
  state.buffer = new Uint8Array(state.end)
  codec.encode(state, value)
  return state.buffer
}

export function violation(detail: string): SkeinError {
  return new SkeinError('protocol-violation', detail)
}
