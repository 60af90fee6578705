import { readFileSync } from 'node:fs'
import { Unusable } from '../kernel/finding.ts'
import type { ForwardOptions, UpstreamTls } from '../stages/forward/forward-options.ts'
import type { Policy, PolicyApi } from './policy/policy.ts'
import type { Services } from './services.ts'

/** One API's upstream as forward takes it. */
export function forwardOptionsOf(policy: Policy, api: PolicyApi, services: Services): ForwardOptions {
  const { upstream } = api.config
  const { keys } = policy.loaded.config
  const sockets = new Set(
    policy
      .select(api, api.config.websocket, `${api.config.pointer}/websocket`)
      .map((operation) => operation.slot),
  )
  for (const operation of api.contract.operations)
    if (operation.extension?.['websocket'] === true) sockets.add(operation.slot)
  return {
    url: upstream.url,
    timeouts: {
      totalMs: upstream.totalTimeout,
      connectMs: upstream.connectTimeout,
      headMs: upstream.timeout,
      idleBodyMs: upstream.idleTimeout,
    },
    credentials: upstream.credentials,
    credentialFields: ['authorization', 'dpop', ...(keys === undefined ? [] : [keys.header])],
    identity: upstream.identity ? services.assertion : undefined,
    retries: upstream.retries,
    retryShare: policy.loaded.config.overload.retries,
    maxConnections: upstream.connections,
    tls: tlsOf(policy, api),
    keepsTrace: services.keepsTrace,
    webSocket: (operation) => sockets.has(operation.slot),
  }
}

function tlsOf(policy: Policy, api: PolicyApi): UpstreamTls {
  const { tls, pointer } = api.config.upstream
  const read = (file: string | undefined): string | undefined => {
    if (file === undefined) return undefined
    try {
      return readFileSync(file, 'utf8')
    } catch {
      throw new Unusable([
        {
          rule: 'config.file',
          severity: 'error',
          message: `cannot read ${file}`,
          place: policy.loaded.place(pointer),
        },
      ])
    }
  }
  const ca = read(tls.authorities)
  return {
    ...(ca !== undefined && { ca }),
    ...(tls.serverName !== undefined && { servername: tls.serverName }),
  }
}
