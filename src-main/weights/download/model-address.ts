import path from 'node:path'
import { SkeinError } from '#contract/errors.ts'
import { refusePartName } from '../split-model.ts'

/** A model file on the web. */
export interface ModelAddress {
  readonly url: URL
  /** Safe as the name of a local file. */
  readonly fileName: string
}

const defaultEndpoint = 'https://huggingface.co'
const hubAddress = /^hf:([\w.-]+)\/([\w.-]+)\/([^#?]+?)(?:#([\w./-]+))?$/

/** Whether this names something on the web rather than a local file. */
export function isAddress(text: string): boolean {
  return /^(hf|https?):/i.test(text)
}

/**
 * `hf:<owner>/<repository>/<file>`, with `#<branch>` behind it where it is not `main`, or an https address. `endpoint`: a mirror of
 * Hugging Face. Throws `invalid-input`, `model-split` or `address-not-allowed`.
 */
export function parseAddress(text: string, endpoint = defaultEndpoint): ModelAddress {
  const url = text.startsWith('hf:') ? hubUrl(text, endpoint) : parseUrl(text)
  const fileName = decodeURIComponent(path.posix.basename(url.pathname))
  if (!/^[\w][\w.+ -]{0,199}\.gguf$/i.test(fileName)) {
    throw new SkeinError('invalid-input', `${text} names no .gguf file`)
  }
  refusePartName(fileName)
  return { url, fileName }
}

function hubUrl(text: string, endpoint: string): URL {
  const match = hubAddress.exec(text)
  if (match === null) throw new SkeinError('invalid-input', text)
  const [, owner = '', repository = '', file = '', branch = 'main'] = match
  const encoded = file.split('/').map(encodeURIComponent).join('/')
  const base = endpoint.replace(/\/+$/, '')
  return parseUrl(`${base}/${owner}/${repository}/resolve/${encodeURIComponent(branch)}/${encoded}`)
}

function parseUrl(text: string): URL {
  if (!URL.canParse(text)) throw new SkeinError('invalid-input', text)
  const url = new URL(text)
  requireSafe(url)
  return url
}

/** Throws `address-not-allowed` unless `isSafe`. */
export function requireSafe(url: URL): void {
  if (!isSafe(url)) throw new SkeinError('address-not-allowed', url.origin)
}

/** Whether nobody on the way can read or change what comes: https, or this computer itself. */
export function isSafe(url: URL): boolean {
  const isLocal = url.hostname === '127.0.0.1' || url.hostname === 'localhost'
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLocal)
}
