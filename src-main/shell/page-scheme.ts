import { SkeinError } from '#contract/errors.ts'
import { readPageFile } from '#api/page.ts'
import { securityHeaders } from '#api/security-headers.ts'

/** The window's page has an address of its own, so that it is neither a file nor a web site, and gets its headers from us. */
export const pageScheme = 'skein'
export const pageOrigin = `${pageScheme}://app`

/** Needed before Electron is ready: as a standard scheme it has an origin, and may load scripts as modules. */
export const pagePrivileges = {
  scheme: pageScheme,
  privileges: { standard: true, secure: true, supportFetchAPI: true }
} as const

/** Serves the built page to the window: the same files, under the same rules, as to a browser on loopback. */
export async function servePage(pageFolder: string, request: { url: string }): Promise<Response> {
  const { host, pathname } = new URL(request.url)
  try {
    if (host !== 'app') throw new SkeinError('page-unknown', host)
    const { bytes, contentType } = await readPageFile(pageFolder, pathname)
    return new Response(bytes, { headers: { ...securityHeaders, 'Content-Type': contentType } })
  } catch (thrown) {
    const { sentence, remedy } = SkeinError.from(thrown).toValue()
    return new Response(`${sentence}\n${remedy}\n`, { status: 404, headers: securityHeaders })
  }
}
