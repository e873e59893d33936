import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { SkeinError } from '#contract/errors.ts'

const typeByExtension: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2'
}

/** A file of the built page. */
export interface PageFile {
  readonly contentType: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

/**
 * The file that a path of the page names; `/` is the page itself. Throws `page-unknown` for anything that is not a file
 * of the page, whatever the path tries; `page-not-built` when the page itself is missing.
 */
export async function readPageFile(folder: string, pathname: string): Promise<PageFile> {
  const name = pathname === '/' ? 'index.html' : pathname.slice(1)
  const contentType = typeByExtension[path.extname(name)]
  if (contentType === undefined || !/^(assets\/)?[\w.-]+$/.test(name) || name.includes('..')) {
    throw new SkeinError('page-unknown', pathname)
  }
  try {
    return { contentType, bytes: new Uint8Array(await readFile(path.join(folder, name))) }
  } catch {
    throw new SkeinError(name === 'index.html' ? 'page-not-built' : 'page-unknown', pathname)
  }
}
