import path from 'node:path'
import { connectToNode } from '../../src-main/cli/running-node.ts'
import { tinySpec } from '../support/engine/tiny-model.ts'
import { writeRandomModel } from '../support/models/random-model.ts'
import { expect, test } from './support/fixtures.ts'

test('a model that was added can be chosen, and answers', async ({ chat, skein }) => {
  await expect(chat.locator('header')).toContainText('Skein Tiny')
  await expect(chat.getByRole('combobox', { name: 'Model' })).toHaveCount(0)
  const source = path.join(skein.home, 'random.gguf')
  await writeRandomModel(source, { ...tinySpec, name: 'Tiny Random' })
  const node = await connectToNode(skein.home)
  try {
    await node.client.call('models.add', { source })
    const models = chat.getByRole('combobox', { name: 'Model' })
    await models.selectOption('Tiny Random')
    await expect(chat.getByTestId('status')).toContainText('Tiny Random')
    await expect(chat.getByText('You are talking to Tiny Random.')).toBeVisible()
    await chat.getByRole('textbox', { name: 'Message' }).fill('w1 w2')
    await chat.getByRole('button', { name: 'Send' }).click()
    await expect(chat.locator('summary')).toContainText('4 layers on this PC')

    await node.client.call('models.remove', { model: 'Tiny Random' })
    await expect(models).toHaveCount(0)
    await expect(chat.getByTestId('status')).toContainText('Skein Tiny')
  } finally {
    node.close()
  }
})
