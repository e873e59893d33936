import { Hono } from 'hono'
import { SkeinError } from '#contract/errors.ts'
import type { Chat } from '#chat/chat.ts'
import type { Access, AccessHeaders } from './access.ts'
import { errorResponse } from './error-response.ts'
import { openAiRoutes } from './openai/routes.ts'
import { readPageFile } from './page.ts'
import { plainPage } from './plain-page.ts'
import { securityHeaders } from './security-headers.ts'

export interface AppOptions {
  readonly chat: Chat
  readonly access: Access
  /** Where the built page lies. */
  readonly pageFolder: string
}

/** Everything that is asked by plain HTTP: the page for a browser, `/v1` for programs. */
export function createApp({ chat, access, pageFolder }: AppOptions): Hono {
  const app = new Hono()
  app.use(async (context, next) => {
    if (!access.isOwnHost(headersOf(context.req.raw))) {
      return errorResponse(new SkeinError('origin-refused'))
    }
    await next()
    for (const [name, value] of Object.entries(securityHeaders)) {
      if (!context.res.headers.has(name)) context.res.headers.set(name, value)
    }
    return undefined
  })
  app.use('/v1/*', async (context, next) => {
    if (!access.isProgram(headersOf(context.req.raw))) {
      return errorResponse(new SkeinError('token-missing'))
    }
    await next()
    return undefined
  })
  app.route('/v1', openAiRoutes(chat))
  app.get('*', async (context) => {
    const { pathname, searchParams } = new URL(context.req.url)
    const given = searchParams.get('token')
    if (pathname === '/' && given !== null) return admit(access, given)
    if (!access.isPage(headersOf(context.req.raw))) throw new SkeinError('token-missing')
    const { contentType, bytes } = await readPageFile(pageFolder, pathname)
    return context.body(bytes, 200, { 'Content-Type': contentType, 'Cache-Control': 'no-store' })
  })
  app.onError((thrown) => plainPage(SkeinError.from(thrown)))
  app.notFound(() => plainPage(new SkeinError('page-unknown')))
  return app
}

/** The token leaves the address bar, and with it the history, as soon as it has become a cookie. */
function admit(access: Access, given: string): Response {
  if (!access.isToken(given)) throw new SkeinError('token-missing')
  return new Response(null, {
    status: 303,
    headers: { Location: '/', 'Set-Cookie': access.setCookie, 'Cache-Control': 'no-store' }
  })
}

function headersOf(request: Request): AccessHeaders {
  const read = (name: string): string | undefined => request.headers.get(name) ?? undefined
  return {
    host: read('host'),
    origin: read('origin'),
    cookie: read('cookie'),
    authorization: read('authorization')
  }
}
