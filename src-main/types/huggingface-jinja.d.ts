// The package's own types name their files without extensions, which strict ES module resolution does not find.
declare module '@huggingface/jinja' {
  interface Token {
    readonly type: string
    readonly value: string
  }
  interface Program {
    readonly type: 'Program'
  }
  export function tokenize(
    source: string,
    options?: { readonly lstrip_blocks?: boolean; readonly trim_blocks?: boolean }
  ): Token[]
  export function parse(tokens: Token[]): Program
  export class Environment {
    /** Converts plain data and functions; functions get their arguments as plain data. */
    set(name: string, value: unknown): unknown
  }
  /** A template with the library's own names; `Interpreter` runs one with no names but those that it is given. */
  export class Template {
    constructor(source: string)
    render(names?: Readonly<Record<string, unknown>>): string
  }
  export class Interpreter {
    constructor(environment: Environment)
    run(program: Program): { readonly value: unknown }
  }
}
