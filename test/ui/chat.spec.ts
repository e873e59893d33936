import type { Page } from '@playwright/test'
import { expect, test } from './support/fixtures.ts'

test('the embedded model answers, and the line under the answer opens into the truth', async ({
  chat
}, info) => {
  await expect(chat.getByTestId('status')).toContainText('Runs on this PC')
  await expect(chat.getByTestId('status')).toContainText('nothing is lent')
  await expect(chat.locator('header')).toContainText('Skein Tiny')
  await chat.screenshot({ path: info.outputPath('empty.png') })

  await chat.getByRole('textbox', { name: 'Message' }).fill('How do I pause lending?')
  await chat.getByRole('button', { name: 'Send' }).click()
  const answer = chat.getByTestId('answer')
  await expect(answer).not.toBeEmpty()
  const truth = chat.locator('summary')
  await expect(truth).toContainText('6 layers on this PC')
  await truth.click()
  await expect(chat.getByText('The model ended its answer.')).toBeVisible()
  await expect(chat.locator('dl')).toContainText(/layers 1–6 · this PC/)
  await expect(chat.locator('dl')).toContainText(/\d+ read, \d+ written/)
  await expect(chat.getByRole('status').filter({ hasText: 'Skein answered' })).toBeAttached()
  await chat.screenshot({ path: info.outputPath('answered.png') })

  await chat.getByRole('textbox', { name: 'Message' }).fill('And how do I start it again?')
  await chat.keyboard.press('Enter')
  await expect(chat.locator('summary')).toHaveCount(2)
})

test('a suggested question is asked by a click', async ({ chat }) => {
  await chat.getByRole('button', { name: 'What is Skein?' }).click()
  await expect(chat.getByText('What is Skein?')).toBeVisible()
  await expect(chat.locator('summary')).toHaveCount(1)
})

test('by keyboard alone: ask, write two lines, open the truth, begin anew', async ({ chat }) => {
  await expect(chat.getByTestId('status')).toContainText('Runs on this PC')
  await focusByTab(chat, 'Message')
  await chat.keyboard.type('What is')
  await chat.keyboard.press('Shift+Enter')
  await chat.keyboard.type('a swarm?')
  await expect(chat.getByRole('textbox')).toHaveValue('What is\na swarm?')
  await chat.keyboard.press('Enter')
  await expect(chat.locator('summary')).toHaveCount(1)
  await expect(chat.getByRole('textbox')).toBeFocused()
  await chat.keyboard.press('Shift+Tab')
  await expect(chat.locator('summary')).toBeFocused()
  await chat.keyboard.press('Enter')
  await expect(chat.locator('dl')).toBeVisible()
  await focusByTab(chat, 'New chat', 'Shift+Tab')
  await chat.keyboard.press('Enter')
  await expect(chat.getByRole('heading', { name: 'What would you like to know?' })).toBeVisible()
})

async function focusByTab(page: Page, name: string, key = 'Tab'): Promise<void> {
  for (let presses = 0; presses < 20; presses++) {
    const focused = page.locator(':focus')
    if ((await focused.count()) > 0) {
      const label = (await focused.getAttribute('aria-label')) ?? (await focused.innerText())
      if (label === name) return
    }
    await page.keyboard.press(key)
  }
  throw new Error(`no way by keyboard to ${name}`)
}
