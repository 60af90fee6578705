import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Visit } from '../accounts/account.ts'
import type { Caller } from '../interaction.ts'
import type { FormTarget } from './form.ts'
import type { BrowserState } from './http/browser-state.ts'
import type { Form } from './http/read-form.ts'
import type { Tools } from './tools.ts'

/** One request that is being answered. */
export interface Call {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly query: URLSearchParams
  readonly caller: Caller
  /** What forms of this page are bound to, beside the browser. */
  readonly scope: string
  /** What is known of the browser now. */
  state(): BrowserState
  /** Replaces what is known of the browser, in its cookie too. */
  keep(state: BrowserState): void
  /** A form of this server: where it goes, and its proof. */
  target(action: string): FormTarget
  /** Where the attempt comes from: for which client, and in which session where somebody is signed in. */
  visit(client: string | undefined, session?: string): Visit
}

/** What answers a path. A method that is missing is a 405. */
export interface Step {
  readonly get?: (call: Call) => void | Promise<void>
  readonly post?: (call: Call, form: Form) => void | Promise<void>
}

export const deviceCookie = 'sallyport-device'

export function createCall(
  tools: Tools,
  request: IncomingMessage,
  response: ServerResponse,
  about: { readonly query: string; readonly caller: Caller; readonly scope: string },
): Call {
  const { states, cookies } = tools
  let state = states.read(request)
  return {
    request,
    response,
    query: new URLSearchParams(about.query),
    caller: about.caller,
    scope: about.scope,
    state: () => state,
    keep(next) {
      state = next
      states.write(response, next)
    },
    target(action) {
      states.write(response, state)
      return { action, csrf: states.proof(state, about.scope) }
    },
    visit: (client, session) => ({
      address: about.caller.address,
      userAgent: (request.headers['user-agent'] ?? '').slice(0, 512),
      device: cookies.read(request, deviceCookie),
      client,
      session,
    }),
  }
}
