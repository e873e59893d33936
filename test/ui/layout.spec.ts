import { expect, test } from './support/fixtures.ts'

const screens = [
  { name: 'phone', width: 360, height: 640, scheme: 'light' },
  { name: 'phone-dark', width: 360, height: 640, scheme: 'dark' },
  { name: 'desktop-dark', width: 1280, height: 800, scheme: 'dark' },
  { name: '4k', width: 3840, height: 2160, scheme: 'light' }
] as const

for (const { name, width, height, scheme } of screens) {
  test(`nothing is cut off or out of reach: ${name}`, async ({ chat }, info) => {
    await chat.setViewportSize({ width, height })
    await chat.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
    await expect(chat.getByTestId('status')).toContainText('Runs on this PC')
    await chat.screenshot({ path: info.outputPath(`${name}-empty.png`) })
    await chat.getByRole('button', { name: 'Is my chat private?' }).click()
    await expect(chat.locator('summary')).toHaveCount(1)
    await chat.locator('summary').click()
    await chat.screenshot({ path: info.outputPath(`${name}.png`) })
    const overflow = await chat.evaluate(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth'
    )
    expect(overflow).toBe(0)
    for (const reachable of [
      chat.getByRole('textbox'),
      chat.getByRole('button', { name: 'Send' }),
      chat.getByTestId('status')
    ]) {
      await expect(reachable).toBeInViewport({ ratio: 1 })
    }
  })
}
