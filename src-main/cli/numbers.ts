import { InvalidArgumentError } from 'commander'

/** A whole number from the command line. */
export function wholeNumber(text: string): number {
  const number = Number(text)
  if (text.trim() === '' || !Number.isInteger(number)) {
    throw new InvalidArgumentError('It must be a whole number.')
  }
  return number
}

/** A number from the command line. */
export function anyNumber(text: string): number {
  const number = Number(text)
  if (text.trim() === '' || !Number.isFinite(number)) {
    throw new InvalidArgumentError('It must be a number.')
  }
  return number
}
