import { request } from 'node:http'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { contentSecurityPolicy } from '#api/security-headers.ts'
import { startApi } from '#test/support/api/api-fixture.ts'
import { fakeAnswer } from '#test/support/api/fake-answer.ts'

const answer = fakeAnswer(['hi']).answer

test('the printed URL becomes a cookie, and the cookie opens the page', async () => {
  const api = await startApi(answer)
  const admitted = await fetch(api.url, { redirect: 'manual' })
  expect(admitted.status).toBe(303)
  expect(admitted.headers.get('location')).toBe('/')
  const cookie = admitted.headers.get('set-cookie') ?? ''
  expect(cookie).toBe(`skein-${api.port}=${api.token}; Path=/; HttpOnly; SameSite=Strict`)
  const page = await fetch(`${api.base}/`, { headers: { cookie } })
  expect(page.status).toBe(200)
  expect(await page.text()).toContain('<title>page</title>')
  expect(page.headers.get('content-security-policy')).toBe(contentSecurityPolicy)
  expect(page.headers.get('x-content-type-options')).toBe('nosniff')
  const script = await fetch(`${api.base}/assets/index-1.js`, { headers: { cookie } })
  expect(script.headers.get('content-type')).toContain('text/javascript')
})

test('without the token there is a page that says what to do, and nothing else', async () => {
  const api = await startApi(answer)
  for (const url of ['/', '/assets/index-1.js', `/?token=${'x'.repeat(43)}`, '/?token=']) {
    const response = await fetch(api.base + url)
    expect(response.status).toBe(401)
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(response.headers.get('x-frame-options')).toBe('DENY')
    expect(await response.text()).toContain('Use the URL that Skein printed')
  }
})

test.each([undefined, 'Bearer', 'Bearer wrong', 'Basic eDp5'])(
  'the API refuses the authorization %s',
  async (authorization) => {
    const api = await startApi(answer)
    const response = await fetch(`${api.base}/v1/models`, {
      headers: authorization === undefined ? {} : { authorization }
    })
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ error: { code: 'token-missing' } })
  }
)

test('a cookie alone does not open the API: other pages could make a browser send it', async () => {
  const api = await startApi(answer)
  const response = await fetch(`${api.base}/v1/models`, {
    headers: { cookie: `skein-${api.port}=${api.token}` }
  })
  expect(response.status).toBe(401)
})

test('a name that a stranger’s DNS points here is refused, token or not', async () => {
  const api = await startApi(answer)
  expect(await statusWithHost(api.port, api.token, `evil.example:${api.port}`)).toBe(403)
  expect(await statusWithHost(api.port, api.token, `localhost:${api.port}`)).toBe(200)
  expect(await statusWithHost(api.port, api.token, `127.0.0.1:${api.port}`)).toBe(200)
})

/** `fetch` does not let the Host header be chosen. */
function statusWithHost(port: number, token: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { host, authorization: `Bearer ${token}` }
    request({ port, host: '127.0.0.1', path: '/v1/models', headers }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
      .on('error', reject)
      .end()
  })
}

test.each(['/../package.json', '/%2e%2e/package.json', '/assets/../../x.js', '/none.js', '/x.exe'])(
  'no path leaves the page: %s',
  async (url) => {
    const api = await startApi(answer)
    const headers = { cookie: `skein-${api.port}=${api.token}` }
    expect((await fetch(api.base + url, { headers })).status).toBe(404)
  }
)

test('a socket needs the cookie and the right origin, or the token and none', async () => {
  const api = await startApi(answer)
  const cookie = `skein-${api.port}=${api.token}`
  const authorization = `Bearer ${api.token}`
  const origin = api.base
  expect(await opens(api.port, { cookie, origin })).toBe(true)
  expect(await opens(api.port, { authorization })).toBe(true)
  expect(await opens(api.port, { cookie })).toBe(false)
  expect(await opens(api.port, { origin })).toBe(false)
  expect(await opens(api.port, { cookie, origin: 'http://evil.example' })).toBe(false)
  expect(await opens(api.port, { cookie: `skein-${api.port}=no`, origin })).toBe(false)
  expect(await opens(api.port, { cookie, origin }, '/other')).toBe(false)
})

function opens(
  port: number,
  headers: Record<string, string>,
  pathname = '/control'
): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${pathname}`, { headers })
    socket.on('open', () => {
      socket.terminate()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}

test('a second server on the same port is told so', async () => {
  const api = await startApi(answer)
  await expect(startApi(answer, { port: api.port })).rejects.toMatchObject({ code: 'port-in-use' })
})
