import { AsyncLocalStorage } from 'node:async_hooks'
import type { IncomingMessage } from 'node:http'
import type { Caller } from './interaction.ts'

/** One request to the server while it is handled. */
export interface Call {
  readonly caller: Caller
  /** Name of the endpoint: `token`, `authorization`. */
  readonly endpoint: string
  /** A client authenticates here. */
  readonly back: boolean
  /** DER of the verified client certificate. */
  readonly certificate: Uint8Array | undefined
  /** Client the request claims or proves to be of; for the record. */
  client: string | undefined
  sub: string | undefined
  /** OAuth error code of the answer, for the record. */
  error: string | undefined
  /** Things an alert is raised for. */
  readonly notes: string[]
  /** A JWT that was sent to introspection or revocation, which the protocol server knows only as opaque tokens. */
  structured: string | undefined
  /** Seconds, where a limit refused. */
  retryAfter: number | undefined
}

const calls = new AsyncLocalStorage<Call>()
const callers = new WeakMap<IncomingMessage, Caller>()

export function runCall<T>(call: Call, request: IncomingMessage, run: () => T): T {
  callers.set(request, call.caller)
  return calls.run(call, run)
}

/** The call being handled; undefined for work of the server's own (sweeps, rotation). */
export function currentCall(): Call | undefined {
  return calls.getStore()
}

/** Who sent a request that reached the pages: what the gateway's listener saw, never what header fields say. */
export function callerOf(request: IncomingMessage): Caller {
  return callers.get(request) ?? { address: '', requestId: '' }
}
