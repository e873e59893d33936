import { access, rename } from 'node:fs/promises'

export function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false
  )
}

/** Makes a file or folder unless it is there from an earlier run; a half-made one never gets its name. */
export async function keepOnce(
  file: string,
  make: (unfinished: string) => Promise<unknown>
): Promise<string> {
  if (await isThere(file)) return file
  await make(`${file}.part`)
  await rename(`${file}.part`, file)
  return file
}
