import { SkeinProcess } from './support/skein-process.ts'
import { expect, test } from './support/fixtures.ts'

test('a question that is too long is refused in words, and the next one is answered', async ({
  chat
}, info) => {
  const input = chat.getByRole('textbox', { name: 'Message' })
  await input.fill('How do I pause lending? '.repeat(2000))
  await chat.keyboard.press('Enter')
  const alert = chat.getByRole('alert')
  await expect(alert).toContainText('The prompt is longer than the context of this model.')
  await expect(alert).toContainText('Shorten the prompt or start a new chat.')
  await chat.getByRole('button', { name: 'New chat' }).click()
  await input.fill('Hello')
  await chat.keyboard.press('Enter')
  await expect(chat.locator('summary')).toHaveCount(1)
  await chat.screenshot({ path: info.outputPath('after-trouble.png') })
})

test('a node that goes away and comes back', async ({ page }, info) => {
  const skein = new SkeinProcess()
  try {
    await skein.start()
    await page.goto(skein.url)
    await expect(page.getByTestId('status')).toContainText('Runs on this PC')
    const { port } = skein
    await skein.stop()
    await expect(page.getByTestId('status')).toContainText('Skein does not answer')
    await page.screenshot({ path: info.outputPath('lost.png') })
    await skein.start(port)
    await expect(page.getByTestId('status')).toContainText('Skein was started again')
    await page.goto(skein.url)
    await expect(page.getByTestId('status')).toContainText('Runs on this PC')
  } finally {
    await skein.dispose()
  }
})
