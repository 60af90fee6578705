import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { importJWK, SignJWT } from 'jose'
import { parse, stringify } from 'yaml'
import { createDevKeys, readSigningKey } from '../../examples/travel/dev-keys.ts'
import { signSceneTokens } from '../../examples/travel/dev-tokens.ts'
import { type Scene, travellerScopes } from '../../examples/travel/scene.ts'
import { startUpstream } from '../../examples/travel/upstream/start-upstream.ts'
import { type App, createApp } from '../../src/app/app.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { freePort } from './free-port.ts'

const root = join(import.meta.dirname, '../..')
const example = join(root, 'examples/travel')

/** The travel example with its authorization server and the console, on ports of its own. */
export interface ConsoleGate extends AsyncDisposable {
  readonly app: App
  readonly url: string
  readonly adminUrl: string
  readonly tokens: Scene['tokens']
  /** A traveller's token of the example's issuer, whatever the subject is. */
  token(subject: string): Promise<string>
  /** One call to the gate; the path may be anything. */
  call(path: string, options?: RequestInit & { readonly token?: string }): Promise<Response>
  /** A morning at the gate: what travellers do, and what strangers try. */
  traffic(): Promise<void>
}

/** Builds `console/dist` where it is not what the sources give; otherwise it costs a moment. */
export function buildConsole(): void {
  const built = spawnSync(process.execPath, [join(root, 'console/build.ts')], {
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: 90_000,
  })
  if (built.status !== 0) throw new Error('the console cannot be built')
}

// biome-ignore lint/suspicious/noExplicitAny: the parsed file, which a test changes as a user would
export async function startConsoleGate(change: (config: any) => void = () => {}): Promise<ConsoleGate> {
  buildConsole()
  const folder = mkdtempSync(join(tmpdir(), 'console-gate-'))
  const upstream = await startUpstream()
  const keys = await createDevKeys(folder)
  const port = await freePort()
  const config = parse(readFileSync(join(example, 'sallyport.yaml'), 'utf8'))
  config.listen = [{ address: `127.0.0.1:${port}` }]
  config.admin = { address: '127.0.0.1:0' }
  config.store = { durable: 'sqlite::memory:' }
  config.log = { events: 'none' }
  config.issuers.travel.keys.jwks = basename(keys.jwks)
  config.issuers.travel.signingKey = basename(keys.signingKey)
  config.authority.issuer = `http://127.0.0.1:${port}/auth`
  config.apis.travel.contract = join(example, 'travel.openapi.yaml')
  config.apis.travel.upstream = upstream.url
  change(config)
  const file = join(folder, 'sallyport.yaml')
  writeFileSync(file, stringify(config))
  const app = await createApp(await loadConfig(file, process.env))
  const tokens = await signSceneTokens(readSigningKey(keys.signingKey))
  const find = (kind: string): string =>
    app.addresses.find((one) => one.kind === kind)?.url.replace(/\/$/, '') ?? ''
  const url = find('api')
  const call: ConsoleGate['call'] = (path, { token, ...options } = {}) =>
    fetch(`${url}${path}`, {
      ...options,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
    })
  return {
    app,
    url,
    adminUrl: find('admin'),
    tokens,
    token: (subject) => sign(readSigningKey(keys.signingKey), subject),
    call,
    traffic: () => morning(call, tokens),
    async [Symbol.asyncDispose]() {
      await app.close(0)
      await upstream.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function sign({ kid, ...key }: ReturnType<typeof readSigningKey>, subject: string): Promise<string> {
  return new SignJWT({ scope: travellerScopes.join(' '), client_id: 'travel-app', roles: ['traveller'] })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', ...(kid !== undefined && { kid }) })
    .setIssuer('https://id.travel.example')
    .setAudience('https://api.travel.example')
    .setSubject(subject)
    .setJti(crypto.randomUUID())
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(await importJWK(key, 'ES256'))
}

async function morning(call: ConsoleGate['call'], tokens: Scene['tokens']): Promise<void> {
  const { alice, bob, expired, overscoped } = tokens
  const quiet = async (path: string, options?: Parameters<typeof call>[1]): Promise<void> => {
    await (await call(path, options)).arrayBuffer()
  }
  for (let round = 0; round < 6; round += 1) {
    await quiet('/api/v1/users/123/profile', { token: alice })
    await quiet('/api/v1/users/123/calendar', { token: alice })
    await quiet('/bookings', { token: alice })
    await quiet('/api/v1/users/456/profile', { token: bob })
    await quiet('/search?from=Lisbon', { token: bob })
  }
  await quiet('/api/v1/users/456/profile', { token: alice })
  await quiet('/api/v1/users/456/calendar', { token: alice })
  await quiet('/api/v1/users/123/profile', { token: expired })
  await quiet('/api/v1/users/123/profile')
  await quiet('/admin/users', { token: overscoped })
  for (let one = 0; one < 40; one += 1) await quiet(`/backup-${one}.zip`)
  await quiet('/.git/config')
  await quiet('/search?from=%27%20OR%201%3D1--', { token: bob })
  await quiet('/api/v1/users/123/profile', { method: 'PATCH', token: alice, body: '{"role":"admin"}' })
}
