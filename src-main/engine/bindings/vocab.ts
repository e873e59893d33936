import { addressOf, type NativeLibrary, type Pointer } from './ffi.ts'

/** Bits of `enum llama_token_attr`. */
export const tokenAttributes = { unknown: 1, control: 8 } as const

/** `llama_vocab_*`, `llama_tokenize`. Tokens that a model does not have are -1 in C and `undefined` here. */
export function bindVocab(llama: NativeLibrary) {
  const size = llama.number('int32_t llama_vocab_n_tokens(void *)')
  const type = llama.number('int32_t llama_vocab_type(void *)')
  const bos = llama.number('int32_t llama_vocab_bos(void *)')
  const eos = llama.number('int32_t llama_vocab_eos(void *)')
  const eot = llama.number('int32_t llama_vocab_eot(void *)')
  const attributes = llama.number('int32_t llama_vocab_get_attr(void *, int32_t)')
  const endsGeneration = llama.boolean('bool llama_vocab_is_eog(void *, int32_t)')
  const tokenize = llama.number(
    'int32_t llama_tokenize(void *, void *, int32_t, void *, int32_t, bool, bool)'
  )
  const piece = llama.number(
    'int32_t llama_token_to_piece(void *, int32_t, void *, int32_t, int32_t, bool)'
  )
  const token = (value: number): number | undefined => (value < 0 ? undefined : value)
  return {
    size: (vocab: Pointer): number => size(vocab),
    /** False for a middle stage's placeholder. */
    isReal: (vocab: Pointer): boolean => type(vocab) !== 0,
    bos: (vocab: Pointer): number | undefined => token(bos(vocab)),
    eos: (vocab: Pointer): number | undefined => token(eos(vocab)),
    eot: (vocab: Pointer): number | undefined => token(eot(vocab)),
    attributes: (vocab: Pointer, id: number): number => attributes(vocab, id),
    endsGeneration: (vocab: Pointer, id: number): boolean => endsGeneration(vocab, id),
    /** Tokens written to `target`, or minus how many it needs room for. */
    tokenize: (
      vocab: Pointer,
      text: Uint8Array,
      target: Int32Array,
      addSpecial: boolean,
      parseSpecial: boolean
    ): number =>
      tokenize(
        vocab,
        addressOf(text),
        text.length,
        addressOf(target),
        target.length,
        addSpecial,
        parseSpecial
      ),
    /** Bytes written to `target`, or minus how many it needs room for. `special`: control tokens too, as text. */
    piece: (vocab: Pointer, id: number, target: Uint8Array, special: boolean): number =>
      piece(vocab, id, addressOf(target), target.length, 0, special)
  }
}
