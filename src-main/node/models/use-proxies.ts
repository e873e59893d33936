import * as http from 'node:http'

/** Lets downloads go through the proxies that the environment names. Gives what ends that; does nothing where Node cannot. */
export function useProxies(env: NodeJS.ProcessEnv): () => void {
  // Electron's Node may be older than ours.
  return 'setGlobalProxyFromEnv' in http ? http.setGlobalProxyFromEnv(env) : () => undefined
}
