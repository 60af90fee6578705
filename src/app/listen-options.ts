import type { LoadedConfig } from '../config/loaded-config.ts'
import type { ListenConfig } from '../config/types/listen-config.ts'
import type { ListenerOptions, ListenOptions } from '../stages/listen/options.ts'

/** The listeners as listen takes them. */
export function listenOptionsOf({ config }: LoadedConfig): ListenOptions {
  return {
    listeners: config.listen.map(listenerOf),
    trustedProxies: config.trustedProxies,
    limits: {
      targetBytes: config.bounds.target,
      headerBytes: config.bounds.headers,
      headerCount: config.bounds.headerCount,
      headTimeoutMs: config.timeouts.headers,
      requestTimeoutMs: config.timeouts.body,
      bodyBytesPerSecond: config.bounds.bodyPace,
      maxStreams: config.bounds.streams,
      keepAliveMs: config.timeouts.idle,
      maxConnections: config.bounds.connections,
      maxConnectionsPerAddress: config.bounds.connectionsPerAddress,
    },
    hosts: config.apis.flatMap((api) => (api.host === undefined ? [] : [api.host])),
    stateDirectory: config.state,
  }
}

function listenerOf(config: ListenConfig): ListenerOptions {
  const { host, port, tls } = config
  return {
    host,
    port,
    ...(config.kind === 'redirect' && { redirect: 'https' as const }),
    ...(config.redirectPort !== undefined && { redirectPort: config.redirectPort }),
    ...(config.decide !== undefined && { decide: config.decide }),
    ...(config.plaintext && { plaintext: 'allow' as const }),
    ...(tls?.kind === 'development' && { tls: 'development' as const }),
    ...(tls?.kind === 'files' && {
      tls: {
        certificate: tls.certificate,
        key: tls.key,
        ...(tls.clientAuthorities !== undefined && { clientAuthorities: tls.clientAuthorities }),
        ...(tls.clientRevocations !== undefined && { clientRevocations: tls.clientRevocations }),
      },
    }),
  }
}
