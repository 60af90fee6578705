import type { Outbound } from '../outbound/create-outbound.ts'

/** Under which the embedded server's keys are asked for. */
export function ownKeysUrl(issuer: string): string {
  return `${issuer}/jwks`
}

/** The client for key sets, which answers for the embedded server's from memory: nothing is fetched, nothing can fail. */
export function withOwnKeys(outbound: Outbound, issuer: string, keys: () => unknown): Outbound {
  const own = ownKeysUrl(issuer)
  return {
    ...outbound,
    getJson: (url) => (url === own ? Promise.resolve(keys()) : outbound.getJson(url)),
  }
}
