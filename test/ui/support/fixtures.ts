import { test as base, type Page } from '@playwright/test'
import { SkeinProcess } from './skein-process.ts'

interface WorkerFixtures {
  readonly skein: SkeinProcess
}

interface TestFixtures {
  /** Skein's page, admitted. A script error or a broken rule of the page fails the test. */
  readonly chat: Page
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  skein: [
    // eslint-disable-next-line no-empty-pattern -- Playwright reads the parameter's form.
    async ({}, use) => {
      const skein = new SkeinProcess()
      await skein.start()
      await use(skein)
      await skein.dispose()
    },
    { scope: 'worker' }
  ],
  chat: async ({ page, skein }, use) => {
    const troubles: string[] = []
    page.on('pageerror', (error) => troubles.push(error.message))
    page.on('console', (message) => {
      const isExpected = /WebSocket|net::ERR_|401/.test(message.text())
      if (message.type() === 'error' && !isExpected) troubles.push(message.text())
    })
    await page.goto(skein.url)
    await use(page)
    if (troubles.length > 0) throw new Error(`the page complained: ${troubles.join('; ')}`)
  }
})

export { expect } from '@playwright/test'
