import { isSameToken } from './token.ts'

/** The headers that decide who asks. */
export interface AccessHeaders {
  readonly host?: string | undefined
  readonly origin?: string | undefined
  readonly cookie?: string | undefined
  readonly authorization?: string | undefined
}

/**
 * Who may do what on the loopback port. Any program and any web page on this PC can reach the port, so each request
 * must carry the token: the page as a cookie, programs as `Authorization: Bearer`.
 */
export class Access {
  readonly #token: string
  readonly #port: number

  constructor(token: string, port: number) {
    this.#token = token
    this.#port = port
  }

  /** Cookies are shared by all ports of a host, so the name tells this node's from another's. */
  get cookieName(): string {
    return `skein-${this.#port}`
  }

  /** Not readable by scripts, not sent along by other sites; ends with the browser. */
  get setCookie(): string {
    return `${this.cookieName}=${this.#token}; Path=/; HttpOnly; SameSite=Strict`
  }

  isToken(given: string | undefined): boolean {
    return isSameToken(given, this.#token)
  }

  /** False for a name that some DNS server points here: the page of a stranger, rebound to this PC. */
  isOwnHost({ host }: AccessHeaders): boolean {
    return host !== undefined && this.#hosts().includes(host.toLowerCase())
  }

  isPage(headers: AccessHeaders): boolean {
    return this.isToken(readCookie(headers.cookie, this.cookieName))
  }

  isProgram({ authorization }: AccessHeaders): boolean {
    return this.isToken(/^Bearer (.+)$/i.exec(authorization ?? '')?.[1])
  }

  /** A browser always names the origin of a WebSocket, and cookies alone do not tell one page from another. */
  mayOpenSocket(headers: AccessHeaders): boolean {
    if (!this.isOwnHost(headers)) return false
    if (headers.origin === undefined) return this.isProgram(headers)
    return this.#hosts().some((host) => headers.origin === `http://${host}`) && this.isPage(headers)
  }

  #hosts(): readonly string[] {
    return [`127.0.0.1:${this.#port}`, `localhost:${this.#port}`]
  }
}

function readCookie(header: string | undefined, name: string): string | undefined {
  for (const pair of header?.split(';') ?? []) {
    const [key, value] = pair.trim().split('=', 2)
    if (key === name) return value
  }
  return undefined
}
