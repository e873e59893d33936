import { expect, test } from './support/fixtures.ts'

test('without the token there is a page that says what to do', async ({ page, skein }, info) => {
  for (const url of [skein.origin, `${skein.origin}/?token=${'x'.repeat(43)}`]) {
    const response = await page.goto(url)
    expect(response?.status()).toBe(401)
    await expect(page.getByText('Use the URL that Skein printed')).toBeVisible()
  }
  await page.screenshot({ path: info.outputPath('wrong-token.png') })
})

test('the token leaves the address bar and is out of reach of scripts', async ({ chat, skein }) => {
  expect(chat.url()).toBe(`${skein.origin}/`)
  expect(await chat.evaluate('document.cookie')).toBe('')
})

test('the page can reach nothing but its own node', async ({ page, skein }) => {
  await page.goto(skein.url)
  const blocked = await page.evaluate(async () => {
    try {
      await fetch('http://127.0.0.1:1/')
      return ''
    } catch (error) {
      return String(error)
    }
  })
  expect(blocked).toContain('Failed to fetch')
  const headers = (await page.goto(skein.origin))?.headers()
  expect(headers?.['content-security-policy']).toContain("default-src 'none'")
})
