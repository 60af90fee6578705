import type { Incoming } from '../../kernel/body.ts'
import type { AuditEvent } from '../../kernel/event.ts'
import type { Arrived } from '../../kernel/facts.ts'
import { Fields } from '../../kernel/fields.ts'
import type { Principal } from '../../kernel/principal.ts'
import type { QueryPair } from '../../kernel/query.ts'
import { Trail } from '../../kernel/trail.ts'
import { deny } from '../../kernel/verdict.ts'

/** A call as its event tells it. What no event holds is empty, and `asked` names it once a rule asks for it. */
export interface RecordedCall {
  readonly arrived: Arrived
  readonly principal: Principal
  /** What the rules asked for that is not on record: `query`, `header`, `body`, `claims`. */
  readonly asked: Set<string>
}

/** `host`: where the call's API is served, or any. */
export function recordedCall(event: AuditEvent, host: string | undefined): RecordedCall {
  const asked = new Set<string>()
  const told = <T extends object>(name: string, value: T): T =>
    new Proxy(value, {
      get(target, key) {
        asked.add(name)
        const found: unknown = Reflect.get(target, key, target)
        return typeof found === 'function' ? found.bind(target) : found
      },
      has(target, key) {
        asked.add(name)
        return Reflect.has(target, key)
      },
      ownKeys(target) {
        asked.add(name)
        return Reflect.ownKeys(target)
      },
    })
  const body: Incoming = {
    declared: undefined,
    present: false,
    read: () => {
      asked.add('body')
      return Promise.resolve(deny('GATEWAY_DRAINING', 'replay', 'no body is on record'))
    },
    stream: () => {
      throw new Error('no body is on record')
    },
  }
  return {
    asked,
    arrived: {
      id: event.id,
      time: event.time,
      channel: {
        listener: 'replay',
        secure: event.secure,
        protocol: event.protocol === '2' || event.protocol === '1.0' ? event.protocol : '1.1',
        serverName: undefined,
        certificate: undefined,
      },
      peer: event.peer,
      client: event.address,
      method: event.method,
      path: event.path,
      query: '',
      pairs: told('query', [] as readonly QueryPair[]),
      authority: host ?? 'localhost',
      traceId: event.traceId,
      fields: told('header', new Fields([])),
      body,
      upgrade: undefined,
      signal: new AbortController().signal,
      trail: new Trail(),
    },
    principal: {
      issuer: event.issuer,
      sub: event.sub,
      client: event.client,
      roles: event.roles ?? [],
      scopes: event.scopes ?? [],
      amr: told('claims', [] as readonly string[]),
      claims: told('claims', Object.create(null) as Record<string, unknown>),
      kind: event.credentialKind,
      expires: undefined,
      credential: event.credential,
    },
  }
}
