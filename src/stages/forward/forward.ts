import type { Answer, Inspected } from '../../kernel/facts.ts'
import { type Denial, isDenied } from '../../kernel/verdict.ts'
import { createDial, parseOrigin } from './dial.ts'
import type { ForwardOptions } from './forward-options.ts'
import { compileRedirect } from './redirect.ts'
import type { UpstreamCount } from './upstream.ts'
import { createUpstream } from './upstream-client.ts'
import { compileRequest } from './write-request.ts'

/** The forward stage of one API. */
export interface Forward {
  /**
   * Sends the judged request and returns the upstream's answer. Never rejects; refuses with
   * `FORWARD_UNREACHABLE` (502), `FORWARD_TIMEOUT` (504), `FORWARD_MALFORMED` (502), `LIMIT_OVERLOAD` (503), and
   * where the request cannot be written, see `compileRequest`. A streamed body that breaks off later ends
   * with a `Fault` of the same codes: whoever sends it on must abort, not end.
   */
  run(call: Inspected): Promise<Answer | Denial>
  count(): UpstreamCount
  /** Takes no more calls, waits for those under way, closes all connections and tunnels. */
  close(): Promise<void>
}

/** Compiles the forward stage. Throws `TypeError` for options that cannot work. Opens no connection yet. */
export function createForward(options: ForwardOptions): Forward {
  const origin = parseOrigin(options.url)
  const timeouts = options.timeouts ?? {}
  const write = compileRequest(origin, options)
  const redirect = compileRedirect(origin, options)
  const upstream = createUpstream({
    dial: createDial(origin, options.tls, options.socketPath),
    waits: {
      connectMs: timeouts.connectMs ?? 2_000,
      headMs: timeouts.headMs ?? 10_000,
      idleBodyMs: timeouts.idleBodyMs ?? 30_000,
      totalMs: timeouts.totalMs ?? 300_000,
    },
    keepAliveMs: timeouts.keepAliveMs ?? 4_000,
    maxConnections: options.maxConnections ?? 256,
    maxQueue: options.maxQueue ?? 1_024,
    maxTunnels: options.maxTunnels ?? 1_024,
    retries: options.retries ?? 1,
    retryShare: options.retryShare ?? 0.1,
    frameLimits: options.frameLimits ?? {},
  })
  return {
    run(call) {
      const request = write(call)
      if (isDenied(request)) return Promise.resolve(request)
      return upstream.call(request).then(redirect)
    },
    count: () => upstream.count(),
    close: () => upstream.close(),
  }
}
