import koffi from 'koffi'

/** An address in this process. */
export type Pointer = bigint

interface NativeStruct {
  readonly [field: string]: NativeValue
}
type NativeValue = number | bigint | string | boolean | null | NodeJS.ArrayBufferView | NativeStruct

type NativeFunction<Result> = (...args: readonly NativeValue[]) => Result

function mismatch(definition: string, result: unknown): TypeError {
  return new TypeError(`${definition} gave ${typeof result}`)
}

/**
 * A shared library whose functions are bound by their C prototype. koffi gives results without a type; each method here
 * checks what came against the type that it promises, so that a wrong prototype fails where it is called.
 */
export class NativeLibrary {
  readonly #library: ReturnType<typeof koffi.load>

  /** `path: null` is the process itself with what it has loaded. Throws when the library cannot be loaded. */
  constructor(path: string | null) {
    // Global, because llama.cpp's libraries find each other's symbols in the process.
    this.#library = koffi.load(path, { global: true })
  }

  nothing(definition: string): NativeFunction<void> {
    const native: NativeFunction<unknown> = this.#library.func(definition)
    return (...args) => void native(...args)
  }

  number(definition: string): NativeFunction<number> {
    const native: NativeFunction<unknown> = this.#library.func(definition)
    return (...args) => {
      const result = native(...args)
      if (typeof result === 'number') return result
      throw mismatch(definition, result)
    }
  }

  boolean(definition: string): NativeFunction<boolean> {
    const native: NativeFunction<unknown> = this.#library.func(definition)
    return (...args) => {
      const result = native(...args)
      if (typeof result === 'boolean') return result
      throw mismatch(definition, result)
    }
  }

  /** A C string, copied; `null` stays `null`. */
  text(definition: string): NativeFunction<string | null> {
    const native: NativeFunction<unknown> = this.#library.func(definition)
    return (...args) => {
      const result = native(...args)
      if (result === null || typeof result === 'string') return result
      throw mismatch(definition, result)
    }
  }

  pointer(definition: string): NativeFunction<Pointer | null> {
    const native: NativeFunction<unknown> = this.#library.func(definition)
    return (...args) => {
      const result = native(...args)
      if (result === null || typeof result === 'bigint') return result
      throw mismatch(definition, result)
    }
  }

  /** A struct by value; who calls compares its fields with what they must be. */
  struct(definition: string): NativeFunction<unknown> {
    return this.#library.func(definition)
  }
}

const prototypes = new Map<string, ReturnType<typeof koffi.proto>>()

/** A function by its address; who calls checks what it gives. */
export function bindAddress(address: Pointer, prototype: string): NativeFunction<unknown> {
  const type = prototypes.get(prototype) ?? koffi.proto(prototype)
  prototypes.set(prototype, type)
  return (...args) => {
    const result: unknown = koffi.call(address, type, ...args)
    return result
  }
}

/** A C struct that prototypes may name. */
export interface StructType {
  readonly name: string
  readonly size: number
}

/** Makes a C struct known by its name. Once per process and name. */
export function defineStruct(name: string, fields: Readonly<Record<string, string>>): StructType {
  return { name, size: koffi.struct(name, { ...fields }).size }
}

/** The address of an array's memory: valid for as long as the caller keeps the array. */
export function addressOf(array: NodeJS.ArrayBufferView): Pointer {
  return koffi.address(array)
}

export type CallbackType = ReturnType<typeof koffi.pointer>

/** The type of a callback, by its C prototype. Once per process and name. */
export function defineCallback(prototype: string): CallbackType {
  return koffi.pointer(koffi.proto(prototype))
}

/**
 * A JavaScript function as C function pointer. It may only be called on the thread that runs JavaScript, and throws
 * nothing: an exception inside reads as 0 in C. Stays alive until `free`.
 */
export class NativeCallback {
  readonly pointer: Pointer

  constructor(type: CallbackType, callback: (...args: never[]) => boolean | undefined) {
    this.pointer = koffi.register(callback, type)
  }

  free(): void {
    koffi.unregister(this.pointer)
  }
}

let viewsAllowed = true

/**
 * `count` floats of native memory. A view of it where the runtime allows that, else a copy (Electron forbids views), so
 * read it before the next call that may change the memory, and never write to it.
 */
export function readFloats(pointer: Pointer, count: number): Float32Array {
  if (viewsAllowed) {
    try {
      return new Float32Array(koffi.view(pointer, count * Float32Array.BYTES_PER_ELEMENT))
    } catch {
      viewsAllowed = false
    }
  }
  const copy: unknown = koffi.decode(pointer, 'float', count)
  if (copy instanceof Float32Array) return copy
  throw mismatch('float[]', copy)
}

/** `NULL`, where a pointer may stand. */
export function nullPointer(): Pointer | null {
  return null
}
