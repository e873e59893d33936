import type {
  CallName,
  ControlApi,
  OutputOf,
  ParsedInputOf,
  StreamName
} from '#contract/control.ts'

/** One function for each procedure that gives one answer. */
export type CallHandlers = {
  readonly [Name in CallName]: (
    input: ParsedInputOf<Name>,
    signal: AbortSignal
  ) => Promise<OutputOf<Name>>
}

/** One function for each procedure that gives a stream of answers. */
export type StreamHandlers = {
  readonly [Name in StreamName]: (
    input: ParsedInputOf<Name>,
    signal: AbortSignal
  ) => AsyncIterable<OutputOf<Name>>
}

/** The control API of a node, out of a function for each procedure: the compiler misses none. */
export function createControlApi(calls: CallHandlers, streams: StreamHandlers): ControlApi {
  return {
    call: (name, input, signal) => calls[name](input, signal),
    stream: (name, input, signal) => streams[name](input, signal)
  }
}
