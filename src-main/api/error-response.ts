import { type SkeinError, type ErrorCode } from '#contract/errors.ts'

/** HTTP says less than our codes; what is not named here is our own fault. */
const statusByCode: Partial<Record<ErrorCode, number>> = {
  'token-missing': 401,
  'origin-refused': 403,
  'parameter-unsupported': 400,
  'invalid-input': 400,
  'prompt-empty': 400,
  'prompt-too-long': 400,
  'context-full': 400,
  'template-invalid': 400,
  'template-timeout': 400,
  'model-unknown': 404,
  'page-unknown': 404,
  'request-too-large': 413,
  cancelled: 499,
  'answer-interrupted': 502,
  'peer-lost': 502,
  'peer-stalled': 502,
  'peer-unreachable': 502,
  'no-chain': 503,
  'stage-full': 503
}

export function statusOf(error: SkeinError): number {
  return statusByCode[error.code] ?? 500
}

/** OpenAI's error shape, with our code; `param` is the parameter that is at fault, where one is. */
export function errorBody(error: SkeinError, param: string | null = null) {
  const { sentence, remedy, detail } = error.toValue()
  const status = statusOf(error)
  return {
    error: {
      message: [sentence, detail === undefined ? undefined : `(${detail})`, remedy]
        .filter((part) => part !== undefined)
        .join(' '),
      type: status < 500 ? 'invalid_request_error' : 'server_error',
      param,
      code: error.code
    }
  }
}

/** `Response` for an error. Clients are told not to repeat what would fail again, or cost a whole answer again. */
export function errorResponse(error: SkeinError, extra: { param?: string } = {}): Response {
  const status = statusOf(error)
  const headers: Record<string, string> = {}
  if (status !== 503) headers['x-should-retry'] = 'false'
  return Response.json(errorBody(error, extra.param), { status, headers })
}
