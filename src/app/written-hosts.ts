import type { Config } from '../config/config.ts'
import type { IssuerConfig } from '../config/types/identity-config.ts'

/**
 * Hosts of key sources and introspection endpoints that the configuration names: one in a private network
 * is allowed because it is written down, at this host and port alone. Plain http is for loopback.
 */
export function writtenHosts(config: Config): string[] {
  return [
    ...hostsOf([...config.issuers.map(askedUrl), config.anomalies.webhook?.url]),
    ...[config.traces, ...config.audit.sinks].flatMap((one) =>
      one !== undefined && 'url' in one ? [addressOf(one.url)] : [],
    ),
  ]
}

/** Also over plain http: where that is not wanted, the configuration was refused. */
function addressOf(text: string): string {
  const { hostname, port, protocol } = new URL(text)
  return `${hostname}:${port === '' ? (protocol === 'https:' ? '443' : '80') : port}`
}

/** Hosts of URLs that may be called although they are private: this host and port alone. */
export function hostsOf(urls: readonly (string | undefined)[]): string[] {
  return urls.flatMap((url) => {
    const parsed = url === undefined ? null : URL.parse(url)
    if (parsed === null || (parsed.protocol !== 'https:' && !isLoopbackName(parsed.hostname))) return []
    return [
      `${parsed.hostname}:${parsed.port === '' ? (parsed.protocol === 'https:' ? '443' : '80') : parsed.port}`,
    ]
  })
}

/** Where an issuer's keys, or what it says of its tokens, are fetched. */
function askedUrl({ issuer, keys, tokens }: IssuerConfig): string | undefined {
  if (tokens.kind === 'introspection') return tokens.url
  if (keys.kind === 'jwks-url') return keys.url
  return keys.kind === 'discovery' || keys.kind === 'authority' ? issuer : undefined
}

function isLoopbackName(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}
