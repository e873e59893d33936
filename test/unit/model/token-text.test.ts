import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TokenText } from '#model/token-text.ts'

/** A vocabulary of the given pieces; token n stands for the n-th. */
function piecesOf(...pieces: readonly Uint8Array[]): TokenText {
  const offsets = new Uint32Array(pieces.length + 1)
  for (const [token, piece] of pieces.entries()) {
    offsets[token + 1] = (offsets[token] ?? 0) + piece.length
  }
  return new TokenText({ offsets, bytes: Buffer.concat(pieces) })
}

function decodeAll(pieces: readonly Uint8Array[]): string[] {
  const text = piecesOf(...pieces)
  return [...pieces.map((_, token) => text.push(token)), text.end()]
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Cuts bytes at the given places, in any order. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const inside = places.map((place) => place % (bytes.length + 1))
  const ends = [...new Set([...inside, bytes.length])].toSorted((a, b) => a - b)
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))
}

describe('text of tokens', () => {
  test('waits for the rest of a character', () => {
    const emoji = encode('🙂')
    expect(
      decodeAll([encode('a'), emoji.subarray(0, 1), emoji.subarray(1, 3), emoji.subarray(3)])
    ).toEqual(['a', '', '', '🙂', ''])
  })

  test('ends with a replacement for a character that never became whole', () => {
    expect(decodeAll([encode('ä').subarray(0, 1)])).toEqual(['', '\ufffd'])
  })

  test('goes on after bytes that are no text', () => {
    expect(decodeAll([Uint8Array.of(0xff), encode('b')]).join('')).toBe('\ufffdb')
  })

  test('keeps a byte order mark', () => {
    expect(decodeAll([encode('\ufeffa')]).join('')).toBe('\ufeffa')
  })

  test('has nothing for tokens without text or outside the vocabulary', () => {
    const text = piecesOf(encode('a'))
    expect([text.push(0), text.push(1), text.push(-1), text.end()]).toEqual(['a', '', '', ''])
  })

  test('is the whole text however the bytes are cut, and never half a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.array(fc.nat()), (text, places) => {
        const parts = decodeAll(cut(encode(text), places))
        expect(parts.join('')).toBe(text)
        expect(parts.every((part) => part.isWellFormed() && !part.includes('\ufffd'))).toBe(true)
      })
    )
  })

  test('of any bytes is what decoding them at once gives', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.array(fc.nat()), (bytes, places) => {
        const whole = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
        expect(decodeAll(cut(bytes, places)).join('')).toBe(whole)
      })
    )
  })
})
