import { expect, test } from './support/fixtures.ts'
import { holdAnswers } from './support/held-answer.ts'

test('Stop and Escape end an answer; what was said stays, and the next question is answered', async ({
  page,
  skein
}, info) => {
  const { sent } = await holdAnswers(page)
  await page.goto(skein.url)
  const input = page.getByRole('textbox', { name: 'Message' })
  await input.fill('What is Skein?')
  await page.keyboard.press('Enter')
  await expect(page.getByTestId('answer')).not.toBeEmpty()
  await page.screenshot({ path: info.outputPath('answering.png') })
  await page.getByRole('button', { name: 'Stop' }).click()
  await expect(page.getByText('You stopped it.')).toBeVisible()
  await expect(input).toBeFocused()
  await expect(page.getByTestId('answer')).not.toBeEmpty()
  await expect(page.getByRole('status').filter({ hasText: 'was stopped' })).toBeAttached()
  expect(sent.filter((type) => type === 'cancel')).toHaveLength(1)
  await page.screenshot({ path: info.outputPath('stopped.png') })

  await page.getByRole('button', { name: 'Ask again' }).click()
  await expect(page.getByRole('button', { name: 'Stop' })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByText('You stopped it.')).toBeVisible()
  await expect.poll(() => sent.filter((type) => type === 'cancel').length).toBe(2)
  await expect(page.getByRole('textbox')).toBeEnabled()
})

test('an answer whose connection breaks says so, and can be asked again', async ({
  page,
  skein
}, info) => {
  const held = await holdAnswers(page)
  await page.goto(skein.url)
  await page.getByRole('button', { name: 'What is a swarm?' }).click()
  await expect(page.getByTestId('answer')).not.toBeEmpty()
  await held.cut()
  await expect(page.getByRole('alert')).toContainText('The connection to Skein was lost.')
  await page.screenshot({ path: info.outputPath('broken.png') })
  await expect(page.getByTestId('status')).toContainText('Runs on this PC')
  await page.getByRole('button', { name: 'Ask again' }).click()
  await expect(page.getByRole('alert')).toHaveCount(0)
  await expect(page.getByTestId('answer')).not.toBeEmpty()
})
