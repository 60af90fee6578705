import { request as send } from 'node:http'
import type { JSONWebKeySet } from 'jose'
import { isLoopback } from '../../admin/loopback.ts'
import type { PageSignIn } from '../../admin/sign-in.ts'
import { roleOf } from '../../admin/visitor.ts'
import { isRedirectUri } from '../../authority/redirect-uri.ts'
import type { AdminConfig } from '../../config/types/listen-config.ts'
import type { RunningAuthority } from '../authority/start-authority.ts'
import { startCodeFlow } from './pkce.ts'

const client = 'sallyport-console'
/** Addresses that the console was reached at; the client is made anew for each further one. */
const mostAddresses = 10

/** Accounts of the embedded server sign in to the console on the server's own page, as they would to any client of it. */
export function accountSignIn(config: AdminConfig, running: RunningAuthority): PageSignIn {
  const { authority, accounts, issuerName } = running
  // The page came from this machine under that very name; on other addresses the name may be another machine's.
  const localhost = isLoopback(config.host) || config.host === 'localhost'
  const role = async (sub: string) => {
    const account = await accounts.find(sub)
    return account === undefined || account.disabled ? undefined : roleOf(account.roles, config.roles)
  }

  async function register(redirectUri: string): Promise<void> {
    const known = await authority.clients.find(client)
    const uris = (known?.registration.redirectUris ?? []).filter((uri) => isRedirectUri(uri, localhost))
    if (known !== undefined && !known.disabled && uris.includes(redirectUri)) return
    if (known !== undefined) await authority.clients.remove(client)
    await authority.clients.create(
      {
        name: 'Sallyport console',
        redirectUris: [redirectUri, ...uris.filter((uri) => uri !== redirectUri)].slice(0, mostAddresses),
        grants: ['code'],
        authentication: 'none',
        ...(localhost && { localhost }),
        verified: true,
      },
      client,
    )
  }

  return {
    async start(redirectUri) {
      if (!isRedirectUri(redirectUri, localhost)) return undefined
      await register(redirectUri)
      return startCodeFlow(`${authority.issuer}/authorize`, client, redirectUri)
    },
    async finish({ nonce, verifier, redirectUri }, code) {
      const reply = await postForm(running, `${authority.mount}/token`, {
        grant_type: 'authorization_code',
        client_id: client,
        code,
        redirect_uri: redirectUri,
        code_verifier: verifier,
      })
      const token = reply?.['id_token']
      if (typeof token !== 'string') return undefined
      const { createLocalJWKSet, jwtVerify } = await import('jose')
      const keys = createLocalJWKSet(authority.publicKeys() as JSONWebKeySet)
      const verified = await jwtVerify(token, keys, { issuer: authority.issuer, audience: client }).catch(
        () => undefined,
      )
      const { sub, nonce: said } = verified?.payload ?? {}
      const account = sub === undefined || said !== nonce ? undefined : await accounts.find(sub)
      if (account === undefined) return undefined
      return {
        name: account.email,
        issuer: issuerName,
        sub: account.sub,
        role: await role(account.sub),
        via: 'account',
        renew: () => role(account.sub),
      }
    },
  }
}

/** Asks the server on its private socket; undefined where it refuses. */
async function postForm(
  { socket }: RunningAuthority,
  path: string,
  form: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const ticket = socket.admit({ address: '127.0.0.1', requestId: 'console', certificate: undefined })
  try {
    const { status, text } = await new Promise<{ status: number; text: string }>((resolve, reject) => {
      const asked = send(
        {
          socketPath: socket.path,
          path,
          method: 'POST',
          timeout: 10_000,
          headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-request-id': ticket },
        },
        (response) => {
          let text = ''
          response.setEncoding('utf8')
          response.on('data', (chunk: string) => {
            text += chunk
          })
          response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
          response.on('error', reject)
        },
      )
      asked.on('timeout', () => asked.destroy(new Error('no answer in time')))
      asked.on('error', reject)
      asked.end(new URLSearchParams(form).toString())
    })
    return status === 200 ? (JSON.parse(text) as Record<string, unknown>) : undefined
  } finally {
    socket.conclude(ticket)
  }
}
