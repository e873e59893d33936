import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { askQuestion } from '../../../src-main/cli/ask-question.ts'

const never = AbortSignal.any([])

function terminal(isTTY: boolean): PassThrough & { isTTY: boolean } {
  return Object.assign(new PassThrough(), { isTTY })
}

test('at a terminal the question is asked for', async () => {
  const input = terminal(true)
  const output = new PassThrough()
  const asked = askQuestion(input, output, never)
  input.write('What is Skein?\n')
  expect(await asked).toBe('What is Skein?')
  expect(String(output.read())).toContain('What would you like to ask?')
})

test('without one, it is said how to ask', async () => {
  const asked = askQuestion(terminal(false), new PassThrough(), never)
  await expect(asked).rejects.toMatchObject({ code: 'prompt-missing' })
})

test('who leaves the terminal, or is told to, asks nothing', async () => {
  const input = terminal(true)
  const closed = askQuestion(input, new PassThrough(), never)
  input.end()
  await expect(closed).rejects.toMatchObject({ code: 'cancelled' })
  const leaving = new AbortController()
  const left = askQuestion(terminal(true), new PassThrough(), leaving.signal)
  leaving.abort()
  await expect(left).rejects.toMatchObject({ code: 'cancelled' })
})
