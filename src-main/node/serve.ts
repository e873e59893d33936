import { startApiServer, type ApiServer, type ApiServerOptions } from '#api/api-server.ts'
import { removeControlFile, writeControlFile } from '#settings/control-file.ts'

/** Starts the loopback server, and leaves word of it for the command line. */
export async function serve(
  options: ApiServerOptions,
  controlFile: string,
  closers: AsyncDisposableStack
): Promise<ApiServer> {
  const server = await startApiServer(options)
  closers.defer(() => server.close())
  const { port, token } = server
  writeControlFile(controlFile, { pid: process.pid, port, token })
  closers.defer(() => removeControlFile(controlFile))
  return server
}
