import { existsSync } from 'node:fs'
import { SkeinError } from '#contract/errors.ts'
import type { TokenizeOptions } from '#contract/vocabulary.ts'
import type { Pointer } from '../bindings/ffi.ts'
import { loadLlama, type Llama } from '../bindings/llama.ts'
import { errorText } from '../bindings/llama-log.ts'
import { cpuOnly, modelDefaults } from '../bindings/model-params.ts'
import { tokenAttributes } from '../bindings/vocab.ts'
import type { VocabularyTable } from '../messages.ts'

/** A model loaded for its vocabulary only. */
export class VocabularyModel {
  readonly #llama: Llama
  readonly #model: Pointer
  readonly #vocab: Pointer

  /** Throws `engine-load-failed`, `engine-library-missing`, `engine-build-unknown`. */
  constructor(file: string) {
    if (!existsSync(file)) throw new SkeinError('engine-load-failed', `${file} does not exist`)
    const llama = loadLlama()
    const { result: model, lines } = llama.log.capture(() =>
      llama.model.load(file, {
        ...modelDefaults,
        devices: cpuOnly(),
        n_gpu_layers: 0,
        vocab_only: true
      })
    )
    const vocab = model && llama.model.vocabulary(model)
    if (model === null || vocab === null || !llama.vocab.isReal(vocab)) {
      if (model !== null) llama.model.free(model)
      throw new SkeinError('engine-load-failed', errorText(lines) || 'a model without a vocabulary')
    }
    this.#llama = llama
    this.#model = model
    this.#vocab = vocab
  }

  /** Throws `invalid-input` for more text than llama.cpp can count. */
  tokenize(text: string, { addSpecial, parseSpecial }: TokenizeOptions): Int32Array {
    const { vocab } = this.#llama
    const bytes = Buffer.from(text, 'utf8')
    const write = (target: Int32Array): number =>
      vocab.tokenize(this.#vocab, bytes, target, addSpecial, parseSpecial)
    // No token is shorter than a byte; the model's own may come around them.
    let tokens = new Int32Array(bytes.length + 8)
    let written = write(tokens)
    if (written < 0 && written > -(2 ** 31)) {
      tokens = new Int32Array(-written)
      written = write(tokens)
    }
    if (written < 0) throw new SkeinError('invalid-input', `a text of ${bytes.length} bytes`)
    return tokens.slice(0, written)
  }

  table(): VocabularyTable {
    const { vocab, model } = this.#llama
    const size = vocab.size(this.#vocab)
    const tokens = Array.from({ length: size }, (_, token) => token)
    const isControl = (token: number): boolean =>
      (vocab.attributes(this.#vocab, token) &
        (tokenAttributes.control | tokenAttributes.unknown)) !==
      0
    const controlTokens = tokens.filter(isControl)
    const bos = vocab.bos(this.#vocab)
    const eos = vocab.eos(this.#vocab)
    const eot = vocab.eot(this.#vocab)
    const chatTemplate = model.chatTemplate(this.#model)
    return {
      ...this.#pieces(size),
      ...(bos !== undefined && { bos }),
      ...(eos !== undefined && { eos }),
      ...(eot !== undefined && { eot }),
      controlTokens: Int32Array.from(controlTokens),
      controlTexts: controlTokens.map((token) => this.#piece(token, true).toString('utf8')),
      endTokens: Int32Array.from(
        tokens.filter((token) => vocab.endsGeneration(this.#vocab, token))
      ),
      ...(chatTemplate !== null && { chatTemplate })
    }
  }

  close(): void {
    this.#llama.model.free(this.#model)
  }

  #pieces(size: number): { offsets: Uint32Array; bytes: Uint8Array } {
    const offsets = new Uint32Array(size + 1)
    const parts: Buffer[] = []
    let end = 0
    for (let token = 0; token < size; token++) {
      const piece = this.#piece(token, false)
      parts.push(piece)
      end += piece.length
      offsets[token + 1] = end
    }
    return { offsets, bytes: new Uint8Array(Buffer.concat(parts)) }
  }

  #buffer = Buffer.alloc(256)

  #piece(token: number, special: boolean): Buffer {
    const write = (): number => this.#llama.vocab.piece(this.#vocab, token, this.#buffer, special)
    let length = write()
    if (length < 0) {
      this.#buffer = Buffer.alloc(-length)
      length = write()
    }
    return Buffer.from(this.#buffer.subarray(0, length))
  }
}
