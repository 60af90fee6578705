import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { JSONWebKeySet } from 'jose'
import { type RegisteredClient, type RunningOp, startOp } from '../support/running-op.ts'
import type { Journey, UserAgent } from '../support/user-agent.ts'

export const callback = 'https://suite.example/test/a/sallyport/callback'

/** A client of the suite and how it authenticates. */
export interface SuiteClient extends RegisteredClient {
  readonly authentication: 'client_secret_basic' | 'client_secret_post'
}

/** The suite beside a running server: what its modules share. */
export interface Suite {
  readonly op: RunningOp
  /** The discovery document and the key set, fetched once as the suite does before each module. */
  readonly metadata: Readonly<Record<string, unknown>>
  readonly jwks: JSONWebKeySet
  readonly client: SuiteClient
  readonly secondClient: SuiteClient
  readonly postClient: SuiteClient
  close(): Promise<void>
}

/** Starts a server with three clients under the exemption `oidc-basic-conformance`: the plan sends no PKCE. */
export async function startSuite(): Promise<Suite> {
  const op = await startOp()
  try {
    const register = async (
      id: string,
      authentication: SuiteClient['authentication'] = 'client_secret_basic',
    ): Promise<SuiteClient> => {
      // Of one's own house: others are asked about each time, which `prompt=none` can never pass.
      const profile = [
        '--profile',
        'oidc-basic-conformance',
        '--verified',
        '--authentication',
        authentication,
      ]
      return { ...(await op.register(id, '--redirect-uri', callback, ...profile)), authentication }
    }
    const metadata = await readJson(op, `${op.issuer}/.well-known/openid-configuration`)
    return {
      op,
      metadata,
      jwks: (await readJson(op, String(metadata['jwks_uri']))) as unknown as JSONWebKeySet,
      client: await register('suite'),
      secondClient: await register('suite-2'),
      postClient: await register('suite-post', 'client_secret_post'),
      close: op.close,
    }
  } catch (error) {
    await op.close()
    throw error
  }
}

/** An authorization request as the suite builds it. */
export interface Asked {
  readonly client: SuiteClient
  readonly url: URL
  readonly params: Readonly<Record<string, string>>
}

/** Builds a request with a random `state` and `nonce`; `undefined` takes a parameter away. */
export function ask(
  { metadata, client }: Suite,
  changes: Readonly<Record<string, string | undefined>> = {},
  by: SuiteClient = client,
): Asked {
  const all: Record<string, string | undefined> = {
    client_id: by.id,
    redirect_uri: callback,
    scope: 'openid',
    state: randomBytes(8).toString('hex'),
    nonce: randomBytes(8).toString('hex'),
    response_type: 'code',
    ...changes,
  }
  const params: Record<string, string> = {}
  for (const [name, value] of Object.entries(all)) if (value !== undefined) params[name] = value
  const url = new URL(String(metadata['authorization_endpoint']))
  url.search = new URLSearchParams(params).toString()
  return { client: by, url, params }
}

/** The code of a successful answer, after the checks of every module: where, `state`, `iss`, no error. */
export function codeOf({ op }: Suite, { params }: Asked, { away, pages }: Journey): string {
  assert.ok(away, `the browser stayed at ${pages.at(-1)?.title}: ${pages.at(-1)?.html}`)
  assert.equal(away.origin + away.pathname, callback)
  assert.equal(away.hash, '', 'answers of the code flow are in the query')
  assert.equal(away.searchParams.get('error'), null, away.href)
  assert.equal(away.searchParams.get('state'), params['state'] ?? null)
  assert.equal(away.searchParams.get('iss'), op.issuer)
  const code = away.searchParams.get('code')
  assert.ok(code, 'a code')
  return code
}

/** What the token endpoint or UserInfo answered. */
export interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly body: Record<string, unknown>
}

/** Calls the token endpoint, authenticated as the client's method says. */
export async function callTokenEndpoint(
  { op, metadata }: Suite,
  client: SuiteClient,
  form: Readonly<Record<string, string>>,
): Promise<Answered> {
  const basic = client.authentication === 'client_secret_basic'
  const secret = Buffer.from(`${client.id}:${client.secret}`).toString('base64')
  return answeredBy(
    await op.fetch(String(metadata['token_endpoint']), {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        ...(basic && { authorization: `Basic ${secret}` }),
      },
      body: new URLSearchParams({
        ...form,
        ...(!basic && { client_id: client.id, client_secret: client.secret }),
      }).toString(),
    }),
  )
}

export function redeem(
  suite: Suite,
  { client }: Asked,
  code: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Answered> {
  return callTokenEndpoint(suite, client, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: callback,
    ...more,
  })
}

/** UserInfo with the token where the module puts it. */
export async function callUserInfo(
  { op, metadata }: Suite,
  token: string,
  how: 'get' | 'post-header' | 'post-body' = 'get',
): Promise<Answered> {
  const authorization = { authorization: `Bearer ${token}` }
  const init =
    how === 'post-body'
      ? {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body: new URLSearchParams({ access_token: token }).toString(),
        }
      : { method: how === 'get' ? 'GET' : 'POST', headers: authorization }
  return answeredBy(await op.fetch(String(metadata['userinfo_endpoint']), init))
}

/** Starts with a browser without cookies unless one is given. */
export function travel(
  { op }: Suite,
  asked: Asked,
  browser: UserAgent = op.browser(),
  method: 'GET' | 'POST' = 'GET',
): Promise<Journey> {
  return browser.go(asked.url, method)
}

async function answeredBy(response: Response): Promise<Answered> {
  const text = await response.text()
  const json = /^application\/json\b/.test(response.headers.get('content-type') ?? '')
  return {
    status: response.status,
    headers: response.headers,
    body: json ? (JSON.parse(text) as Record<string, unknown>) : { text },
  }
}

async function readJson(op: RunningOp, url: string): Promise<Record<string, unknown>> {
  return (await (await op.fetch(url)).json()) as Record<string, unknown>
}
