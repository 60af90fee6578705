import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { loadConfig } from '../config/load-config.ts'
import type { LoadedConfig } from '../config/loaded-config.ts'
import { decide } from '../gateway/decision.ts'
import { refuse } from '../gateway/refuse.ts'
import type { Inspected } from '../kernel/facts.ts'
import { Unusable } from '../kernel/finding.ts'
import type { Grant } from '../kernel/grant.ts'
import type { Principal } from '../kernel/principal.ts'
import { createHosting, readHosted } from '../stages/listen/hosted-request.ts'
import { writeReply } from '../stages/listen/http1-reply.ts'
import { isRejected } from '../stages/listen/read-request.ts'
import { compileGate } from './compile-gate.ts'
import { listenOptionsOf } from './listen-options.ts'
import { compilePolicy } from './policy/compile-policy.ts'
import { createServices } from './services.ts'

/** What the gate proved of a call, for the handler. */
export interface Guarded {
  /** `X-Request-Id`, also in the audit event. */
  readonly id: string
  readonly api: string
  /** `operationId`, else `METHOD /template`. */
  readonly operation: string
  readonly principal: Principal
  readonly grant: Grant
  /** Path parameters, decoded. */
  readonly params: Readonly<Record<string, string>>
  /** The body, parsed and judged; undefined where there is none or it is passed on unread. */
  readonly value: unknown
  /** The bytes that were judged; a stream where the contract says binary. */
  readonly body: Uint8Array | Readable | undefined
}

/** A request that passed. */
export type GuardedRequest = IncomingMessage & { readonly sallyport: Guarded; readonly body: unknown }

/** The eight stages inside another server, up to inspect: replies are the application's own and are not screened. */
export interface InProcessGate {
  /** Judges a request. Undefined: it was refused, and the refusal has been written to `response`. Never rejects. */
  guard(request: IncomingMessage, response: ServerResponse): Promise<Guarded | undefined>
  /**
   * For `node:http`, Express and all that take `(request, response, next)`: puts what was proven at
   * `request.sallyport` and the judged body at `request.body`. To be the first middleware, before any that reads bodies.
   */
  readonly middleware: (request: IncomingMessage, response: ServerResponse, next: () => void) => void
  close(): Promise<void>
}

/**
 * Opens a gate in this process. Takes a configuration or the name of its file; `listen`, `admin` and `upstream` are not
 * used. Throws `Unusable`.
 */
export async function createGate(config: string | LoadedConfig): Promise<InProcessGate> {
  const loaded = typeof config === 'string' ? await loadConfig(config, process.env) : config
  if (loaded.config.authority !== undefined)
    throw new Unusable([
      {
        rule: 'config.authority',
        severity: 'error',
        message: 'the embedded authorization server needs a listener of its own',
        place: loaded.place('/authority'),
        fix: 'run it with `sallyport serve`, and name it under `issuers` here',
      },
    ])
  const policy = await compilePolicy(loaded)
  const services = await createServices(loaded.config)
  const compiled = compileGate(policy, services)
  const { limits, trustedProxies } = listenOptionsOf(loaded)
  const hosting = createHosting({
    ...(limits !== undefined && { limits }),
    ...(trustedProxies !== undefined && { trustedProxies }),
  })
  await compiled.identify.ready()

  async function guard(request: IncomingMessage, response: ServerResponse): Promise<Guarded | undefined> {
    const exchange = readHosted(hosting, request, response)
    const { call } = exchange
    if (isRejected(call)) {
      const reply = refuse(call.denial, call.id, call.channel.secure)
      services.recorder.rejected(call, reply.status)
      writeReply(exchange, reply, false, nothing)
      return undefined
    }
    const { allowed, reply } = await decide(compiled.gate, call, () => [])
    if (allowed !== undefined) return guardedOf(allowed)
    if (!response.destroyed) writeReply(exchange, reply, false, nothing)
    return undefined
  }

  return {
    guard,
    middleware(request, response, next) {
      guard(request, response).then(
        (sallyport) => {
          if (sallyport === undefined) return
          Object.assign(request, { sallyport, body: sallyport.value })
          next()
        },
        // `guard` never rejects; should it, no handler runs.
        () => response.destroy(),
      )
    },
    async close() {
      hosting.pace.stop()
      await compiled.close()
      await services.close()
    },
  }
}

function guardedOf(allowed: Inspected): Guarded {
  const { id, operation, principal, grant, params, input } = allowed
  return {
    id,
    api: operation.api,
    operation: operation.id,
    principal,
    grant,
    params,
    value: input.value,
    body: input.body,
  }
}

function nothing(): void {}
