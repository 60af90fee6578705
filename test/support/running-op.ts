import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Agent, fetch as fetchWith } from 'undici'
import { createApp } from '../../src/app/app.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { commandJson } from '../flow/sallyport.ts'
import { UserAgent } from './user-agent.ts'

const contract = `
openapi: 3.1.0
info: { title: Things, version: "1" }
paths:
  /things:
    get:
      operationId: listThings
      security: [{ login: [things:read] }]
      responses: { "200": { description: ok } }
components:
  securitySchemes:
    login:
      type: oauth2
      flows:
        authorizationCode: { authorizationUrl: /auth/authorize, tokenUrl: /auth/token, scopes: { "things:read": Read } }
`

export interface RegisteredClient {
  readonly id: string
  readonly secret: string
}

/** A person with an account: who the pages are filled in for. */
export interface Persona {
  readonly email: string
  readonly password: string
}

/** The whole gateway with its authorization server, pages and accounts, over TLS with a development authority. */
export interface RunningOp {
  /** `https://127.0.0.1:PORT`. */
  readonly origin: string
  readonly issuer: string
  /** PEM file of the authority that signed the server's certificate. */
  readonly authorityFile: string
  readonly person: Persona
  /** `fetch` that trusts the development authority. */
  readonly fetch: typeof fetch
  /** A browser without a cookie, with this person before it unless another one is named. */
  browser(person?: Persona): UserAgent
  /** Makes a client as an operator does; what is given are further options of `sallyport clients create`. */
  register(...options: readonly string[]): Promise<RegisteredClient>
  close(): Promise<void>
}

export async function startOp(): Promise<RunningOp> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-op-'))
  const port = await freePort()
  const origin = `https://127.0.0.1:${port}`
  const issuer = `${origin}/auth`
  writeFileSync(join(folder, 'things.yaml'), contract)
  const file = join(folder, 'sallyport.yaml')
  writeFileSync(
    file,
    JSON.stringify({
      listen: [{ address: `127.0.0.1:${port}`, tls: 'development' }],
      admin: { address: '127.0.0.1:0' },
      log: { events: 'none' },
      authority: { issuer, name: 'Travel' },
      apis: { things: { contract: 'things.yaml', upstream: 'http://127.0.0.1:9' } },
    }),
  )
  const app = await createApp(await loadConfig(file, {})).catch((error: unknown) => {
    rmSync(folder, { recursive: true, force: true })
    throw error
  })
  const authorityFile = /(\/\S+\.(?:crt|pem|cer))/.exec(app.notes.join('\n'))?.[1] ?? ''
  const dispatcher = new Agent({ connect: { ca: readFileSync(authorityFile) } })
  const send = ((url: string, init: object) =>
    fetchWith(url, { ...init, dispatcher })) as unknown as typeof fetch
  const person: Persona = { email: 'ada@example.test', password: 'quiet lamps beside the river 7' }
  const op: RunningOp = {
    origin,
    issuer,
    authorityFile,
    person,
    fetch: send,
    browser: (who = person) => new UserAgent(origin, send, who),
    register: (...options) =>
      commandJson<{ id: string; secret: string }>(folder, 'clients', 'create', ...options),
    async close() {
      await dispatcher.destroy()
      await app.close(0)
      rmSync(folder, { recursive: true, force: true })
    },
  }
  const options = ['--name', 'Ada Lovelace', '--verified']
  const { link } = await commandJson<{ link: string }>(folder, 'users', 'create', person.email, ...options)
  await op.browser().choosePassword(link)
  return op
}

/** The issuer is written down before the server runs, so its port is asked for first. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return typeof address === 'object' && address !== null ? address.port : 0
}
