import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import type { ClientRegistration } from '../../src/authority/client-registration.ts'
import type { RunningAuthority } from './authority.ts'
import { Browser } from './browser.ts'

export const callback = 'https://app.travel.example/callback'

/** An answer of the server's back channel. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Record<string, unknown>
}

/** One client, sending exactly what a test says: no library between that could mend or refuse it. */
export interface TestClient {
  readonly id: string
  readonly secret: string
  readonly verifier: string
  readonly browser: Browser
  /** URL of an authorization request; `undefined` removes a parameter. */
  url(params?: Record<string, string | undefined>): string
  /** Walks the browser through to the callback: its parameters. */
  authorize(params?: Record<string, string | undefined>): Promise<URLSearchParams>
  /** Where an authorization request ends on the server itself. */
  page(params?: Record<string, string | undefined>): Promise<{ status: number; text: string }>
  code(params?: Record<string, string | undefined>): Promise<string>
  /** POSTs a form, authenticated with the secret in Basic unless `as` says otherwise. */
  post(
    path: string,
    form: Record<string, string | undefined> | string,
    headers?: Record<string, string>,
  ): Promise<Answer>
  redeem(
    code: string,
    form?: Record<string, string | undefined>,
    headers?: Record<string, string>,
  ): Promise<Answer>
  refresh(token: unknown, form?: Record<string, string | undefined>): Promise<Answer>
}

export const usualScopes: readonly string[] = ['profile:read', 'calendar:read']

export async function createTestClient(
  running: RunningAuthority,
  registration: ClientRegistration = {},
  id?: string,
): Promise<TestClient> {
  const made = await running.register(
    {
      redirectUris: [callback],
      scopes: usualScopes,
      verified: true,
      ...registration,
    },
    id,
  )
  return clientOf(running, made, registration.authentication)
}

export function clientOf(
  running: RunningAuthority,
  made: { readonly id: string; readonly secret: string },
  authentication = 'client_secret_basic',
): TestClient {
  const verifier = randomBytes(32).toString('base64url')
  const browser = new Browser(running.origin)
  const basic = `Basic ${Buffer.from(`${made.id}:${made.secret}`).toString('base64')}`
  const client: TestClient = {
    ...made,
    verifier,
    browser,
    url(params = {}) {
      const all: Record<string, string | undefined> = {
        client_id: made.id,
        response_type: 'code',
        redirect_uri: callback,
        scope: 'openid profile:read',
        state: 'a state',
        code_challenge: challengeOf(verifier),
        code_challenge_method: 'S256',
        ...params,
      }
      const url = new URL(`${running.issuer}/authorize`)
      for (const [name, value] of Object.entries(all))
        if (value !== undefined) url.searchParams.append(name, value)
      return url.href
    },
    async authorize(params) {
      const { away, page } = await browser.visit(client.url(params))
      if (away === undefined) assert.fail(`the browser stayed: ${page.status} ${await page.text()}`)
      return new URLSearchParams(away.search === '' ? away.hash.slice(1) : away.search)
    },
    async page(params) {
      const { away, page } = await browser.visit(client.url(params))
      assert.equal(away, undefined, `sent away to ${away?.href}`)
      return { status: page.status, text: await page.text() }
    },
    async code(params) {
      const found = await client.authorize(params)
      const code = found.get('code')
      assert.ok(code, found.toString())
      return code
    },
    async post(path, form, headers = {}) {
      const body = typeof form === 'string' ? form : formOf(form)
      const response = await fetch(`${running.issuer}${path}`, {
        method: 'POST',
        redirect: 'manual',
        headers: present({
          'content-type': 'application/x-www-form-urlencoded',
          ...(authentication === 'client_secret_basic' && { authorization: basic }),
          ...headers,
        }),
        body,
      })
      const text = await response.text()
      let parsed: Record<string, unknown> = {}
      try {
        parsed = JSON.parse(text) as Record<string, unknown>
      } catch {
        parsed = { text }
      }
      return { status: response.status, headers: response.headers, body: parsed }
    },
    redeem: (code, form = {}, headers) =>
      client.post(
        '/token',
        { grant_type: 'authorization_code', code, redirect_uri: callback, code_verifier: verifier, ...form },
        headers,
      ),
    refresh: (token, form = {}) =>
      client.post('/token', { grant_type: 'refresh_token', refresh_token: String(token), ...form }),
  }
  return client
}

/** An empty value takes a field away. */
function present(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ''))
}

function formOf(form: Record<string, string | undefined>): string {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(form)) if (value !== undefined) params.append(name, value)
  return params.toString()
}

export function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url')
}

/** The payload of a JWT, unverified. */
export function payloadOf(token: unknown): Record<string, unknown> {
  return JSON.parse(Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString()) as Record<
    string,
    unknown
  >
}

export function headerOf(token: unknown): Record<string, unknown> {
  return JSON.parse(Buffer.from(String(token).split('.')[0] ?? '', 'base64url').toString()) as Record<
    string,
    unknown
  >
}
