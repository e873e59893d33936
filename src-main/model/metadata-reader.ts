import { SkeinError } from '#contract/errors.ts'
import type { Gguf } from './gguf.ts'
import type { MetadataValue } from './metadata-value.ts'

/** Typed, bounded reads of `<architecture>.*` metadata. A value of a wrong type or size throws `gguf-malformed`. */
export class MetadataReader {
  readonly #gguf: Gguf
  readonly #prefix: string

  constructor(gguf: Gguf, prefix: string) {
    this.#gguf = gguf
    this.#prefix = prefix
  }

  has(key: string): boolean {
    return this.#find(key) !== undefined
  }

  isArray(key: string): boolean {
    return this.#find(key)?.type === 'array'
  }

  /** Throws `gguf-metadata-missing` when absent and there is no `fallback`. */
  integer(key: string, least: number, most: number, fallback?: number): number {
    const entry = this.#find(key)
    if (entry === undefined) return fallback ?? this.#missing(key)
    if (entry.type === 'array') return this.#wrong(key)
    return this.#bounded(key, entry.value, least, most)
  }

  float(key: string, fallback?: number): number {
    const entry = this.#find(key)
    if (entry === undefined) return fallback ?? this.#missing(key)
    if (entry.type !== 'f32' || typeof entry.value !== 'number' || !Number.isFinite(entry.value)) {
      return this.#wrong(key)
    }
    return entry.value
  }

  flag(key: string, fallback: boolean): boolean {
    const entry = this.#find(key)
    if (entry === undefined) return fallback
    return entry.type === 'bool' && typeof entry.value === 'boolean'
      ? entry.value
      : this.#wrong(key)
  }

  text(key: string): string | undefined {
    const entry = this.#find(key)
    if (entry === undefined) return undefined
    return entry.type === 'string' && typeof entry.value === 'string'
      ? entry.value
      : this.#wrong(key)
  }

  /** One integer for all layers, or an array with one for each. */
  perLayer(
    key: string,
    layers: number,
    least: number,
    most: number,
    fallback?: number | readonly number[]
  ): readonly number[] {
    const entry = this.#find(key)
    if (entry === undefined) return spread(fallback ?? this.#missing(key), layers)
    if (entry.type !== 'array') return spread(this.#bounded(key, entry.value, least, most), layers)
    if (entry.count !== layers || entry.values === undefined) return this.#wrong(key)
    return entry.values.map((value) => this.#bounded(key, value, least, most))
  }

  #find(key: string): MetadataValue | undefined {
    return this.#gguf.metadata.get(`${this.#prefix}.${key}`)
  }

  #bounded(key: string, value: unknown, least: number, most: number): number {
    const isInteger = typeof value === 'number' && Number.isInteger(value)
    return isInteger && value >= least && value <= most ? value : this.#wrong(key)
  }

  #missing(key: string): never {
    throw new SkeinError('gguf-metadata-missing', `${this.#prefix}.${key}`)
  }

  #wrong(key: string): never {
    throw new SkeinError('gguf-malformed', `${this.#prefix}.${key}`)
  }
}

function spread(value: number | readonly number[], layers: number): readonly number[] {
  return typeof value === 'number' ? new Array<number>(layers).fill(value) : value
}
