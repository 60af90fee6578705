import { isObject, own } from '../contract/schema.ts'

/** True where the contract has this host among its servers and calls it production. */
export function isProduction(document: Readonly<Record<string, unknown>>, target: URL): boolean {
  const servers = document['servers']
  if (!Array.isArray(servers)) return false
  return servers.some((server) => {
    if (!isObject(server)) return false
    const url = URL.parse(String(own(server, 'url')))
    if (url === null || url.host !== target.host) return false
    const words = [own(server, 'description'), own(server, 'x-environment'), own(server, 'name')].filter(
      (one) => typeof one === 'string',
    )
    return words.some((word) => /\b(?:prod|production|live)\b/i.test(word))
  })
}
