import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { importJWK, SignJWT } from 'jose'
import { parse, stringify } from 'yaml'
import { createDevKeys, readSigningKey } from '../../examples/travel/dev-keys.ts'
import { signSceneTokens } from '../../examples/travel/dev-tokens.ts'
import { type Scene, travellerScopes } from '../../examples/travel/scene.ts'
import { startUpstream, type Upstream } from '../../examples/travel/upstream/start-upstream.ts'
import { withoutAuthority } from '../../examples/travel/without-authority.ts'
import { createApp } from '../../src/app/app.ts'
import { loadConfig } from '../../src/config/load-config.ts'

const example = join(import.meta.dirname, '../../examples/travel')

/** The travel example: its weak upstream, and a gateway with its own policy, on ports the kernel chooses. */
export interface TravelGate {
  readonly url: string
  readonly upstream: Upstream
  readonly tokens: Scene['tokens']
  /** A token of the example's issuer, with every scope of a traveller and those given. */
  token(subject: string, scopes?: readonly string[], roles?: readonly string[]): Promise<string>
  close(): Promise<void>
}

// biome-ignore lint/suspicious/noExplicitAny: the parsed file, which a test changes as a user would
export async function startTravelGate(change: (travel: any) => void = () => {}): Promise<TravelGate> {
  const folder = mkdtempSync(join(tmpdir(), 'travel-gate-'))
  const upstream = await startUpstream()
  const keys = await createDevKeys(folder)
  const config = parse(readFileSync(join(example, 'sallyport.yaml'), 'utf8'))
  config.listen = [{ address: '127.0.0.1:0' }]
  config.admin = undefined
  config.store = { durable: 'sqlite::memory:' }
  config.log = { events: 'none' }
  config.issuers.travel.keys.jwks = keys.jwks
  config.issuers.travel.signingKey = keys.signingKey
  withoutAuthority(config)
  config.apis.travel.contract = join(example, 'travel.openapi.yaml')
  config.apis.travel.upstream = upstream.url
  change(config.apis.travel)
  const file = join(folder, 'sallyport.yaml')
  writeFileSync(file, stringify(config))
  const app = await createApp(await loadConfig(file, process.env))
  return {
    url: app.addresses.find(({ kind }) => kind === 'api')?.url.replace(/\/$/, '') ?? '',
    upstream,
    tokens: await signSceneTokens(readSigningKey(keys.signingKey)),
    token: async (subject, scopes = [], roles = ['traveller']) => {
      const { kid, ...key } = readSigningKey(keys.signingKey)
      return new SignJWT({ scope: [...travellerScopes, ...scopes].join(' '), client_id: 'travel-app', roles })
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', ...(kid !== undefined && { kid }) })
        .setIssuer('https://id.travel.example')
        .setAudience('https://api.travel.example')
        .setSubject(subject)
        .setJti(crypto.randomUUID())
        .setIssuedAt()
        .setExpirationTime('1h')
        .sign(await importJWK(key, 'ES256'))
    },
    async close() {
      await app.close(0)
      await upstream.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
