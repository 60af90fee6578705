import { type Denial, deny } from '../../kernel/verdict.ts'

/** How a data plane asks: nginx `auth_request`; `forward_auth` of Caddy and Traefik; Envoy `ext_authz` over HTTP or gRPC. */
export type DecisionDialect = 'nginx' | 'forward-auth' | 'envoy' | 'envoy-grpc'

/** The request that a data plane asks about. */
export interface AskedRequest {
  readonly method: string
  readonly target: string
  /** Field lines, flat, without those that carried method and target. */
  readonly lines: readonly string[]
}

/** Fields that carry method and target; Envoy repeats the request itself. */
const carriers: Readonly<
  Record<DecisionDialect, { readonly method: string; readonly target: string } | undefined>
> = {
  nginx: { method: 'x-original-method', target: 'x-original-uri' },
  'forward-auth': { method: 'x-forwarded-method', target: 'x-forwarded-uri' },
  envoy: undefined,
  'envoy-grpc': undefined,
}

/**
 * Puts the request that a data plane asks about in the place of the one it sent. A data plane that does not say both
 * method and target, each once, is misconfigured: `LISTEN_MALFORMED`, never a guess.
 */
export function askedRequest(dialect: DecisionDialect, sent: AskedRequest): AskedRequest | Denial {
  const carrier = carriers[dialect]
  if (carrier === undefined) return refusePart(sent) ?? sent
  let method: string | undefined
  let target: string | undefined
  const lines: string[] = []
  for (let i = 0; i < sent.lines.length; i += 2) {
    const raw = sent.lines[i] as string
    const value = sent.lines[i + 1] as string
    const name = raw.toLowerCase()
    if (name === carrier.method) {
      if (method !== undefined) return malformed(`${carrier.method} appears twice`)
      method = value
    } else if (name === carrier.target) {
      if (target !== undefined) return malformed(`${carrier.target} appears twice`)
      target = value
    } else lines.push(raw, value)
  }
  if (method === undefined || target === undefined)
    return malformed(`the data plane must send ${carrier.method} and ${carrier.target}`)
  return { method, target, lines }
}

/** Field in which Envoy says whether it sent a part of the body alone. */
export const partialBody = 'x-envoy-auth-partial-body'

function refusePart({ lines }: AskedRequest): Denial | undefined {
  for (let i = 0; i < lines.length; i += 2)
    if (lines[i]?.toLowerCase() === partialBody && lines[i + 1] !== 'false')
      return deny('INSPECT_BODY_TOO_LARGE', 'listen.decision', 'the data plane sent the body in part')
  return undefined
}

function malformed(reason: string): Denial {
  return deny('LISTEN_MALFORMED', 'listen.decision', reason)
}
