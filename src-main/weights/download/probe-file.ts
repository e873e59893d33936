import { SkeinError, type ErrorCode } from '#contract/errors.ts'
import { requireSafe } from './model-address.ts'

const maxRedirects = 8
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** What a server says of a file before it is downloaded. */
export interface RemoteFile {
  /** Where redirects led. May carry a signature that ends within the hour. */
  readonly url: string
  readonly bytes: number
  /** Changes with the file's content; absent where the server gives none. */
  readonly etag?: string
  readonly givesRanges: boolean
}

export interface ProbeOptions {
  /** Of the person's account. Goes to the first server only, never to where it redirects. */
  readonly token?: string
  readonly signal?: AbortSignal
}

/**
 * Asks for a file's length and version, following redirects as long as they are safe. Throws `download-missing`, `download-refused`,
 * `download-failed`, `address-not-allowed` or `cancelled`.
 */
export async function probeFile(start: URL, options: ProbeOptions = {}): Promise<RemoteFile> {
  let url = start
  // Hugging Face names the file's own version and length where it redirects, and its storage may name others.
  let linked: Pick<RemoteFile, 'etag'> = {}
  for (let hop = 0; hop <= maxRedirects; hop++) {
    const response = await head(
      url,
      url.origin === start.origin ? options.token : undefined,
      options
    )
    const etag = response.headers.get('x-linked-etag')
    if (etag !== null) linked = { etag }
    const location = response.headers.get('location')
    if (!redirects.has(response.status) || location === null) {
      return { ...describe(url, response), ...linked }
    }
    url = new URL(location, url)
    requireSafe(url)
  }
  throw new SkeinError('download-failed', `more than ${maxRedirects} redirects`)
}

async function head(
  url: URL,
  token: string | undefined,
  { signal }: ProbeOptions
): Promise<Response> {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
  try {
    return await fetch(url, {
      method: 'HEAD',
      redirect: 'manual',
      headers: { 'accept-encoding': 'identity', ...authorization },
      ...(signal === undefined ? {} : { signal })
    })
  } catch (thrown) {
    if (signal?.aborted === true) throw new SkeinError('cancelled')
    throw SkeinError.from(thrown, 'download-failed')
  }
}

function describe(url: URL, response: Response): RemoteFile {
  if (!response.ok) throw new SkeinError(codeOf(response.status), `${url.host}: ${response.status}`)
  const bytes = Number(response.headers.get('content-length') ?? 0)
  if (!Number.isSafeInteger(bytes) || bytes <= 0) {
    throw new SkeinError('download-failed', `${url.host} names no length`)
  }
  const etag = response.headers.get('etag')
  const givesRanges = response.headers.get('accept-ranges') === 'bytes'
  return { url: url.href, bytes, ...(etag === null ? {} : { etag }), givesRanges }
}

export function codeOf(status: number): ErrorCode {
  if (status === 401 || status === 403) return 'download-refused'
  return status === 404 || status === 410 ? 'download-missing' : 'download-failed'
}
