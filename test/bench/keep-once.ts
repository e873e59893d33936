import { access, rename } from 'node:fs/promises'

/** Makes `file` unless it is there from an earlier run; a half-made one never gets its name. */
export async function keepOnce(
  file: string,
  make: (unfinished: string) => Promise<unknown>
): Promise<string> {
  const isThere = await access(file).then(
    () => true,
    () => false
  )
  if (isThere) return file
  await make(`${file}.part`)
  await rename(`${file}.part`, file)
  return file
}
