import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose'
import { type App, createApp } from '../../src/app/app.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import type { LoadedConfig } from '../../src/config/loaded-config.ts'

/** One request as the upstream saw it. */
export interface SeenRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly rawHeaders: readonly string[]
  readonly body: string
}

/** An upstream that keeps what it sees; `answer` may replace its reply. */
export interface RecordingUpstream {
  readonly url: string
  readonly seen: SeenRequest[]
  answer: (request: SeenRequest, response: ServerResponse) => void
  close(): Promise<void>
}

export async function startUpstream(): Promise<RecordingUpstream> {
  const seen: SeenRequest[] = []
  const upstream = {
    seen,
    answer: (_request: SeenRequest, response: ServerResponse): void => {
      response.setHeader('content-type', 'application/json')
      response.end('{"id":"1","name":"thing"}')
    },
  }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('error', () => undefined)
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const one = {
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        rawHeaders: request.rawHeaders,
        body: Buffer.concat(chunks).toString('utf8'),
      }
      seen.push(one)
      upstream.answer(one, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return Object.assign(upstream, {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  })
}

/** Any gateway of these tests with several workers: `SALLYPORT_TEST_WORKERS=2 node --test test/flow/limits.test.ts`. */
const asked = process.env['SALLYPORT_TEST_WORKERS']
const workersLine = asked === undefined ? '' : `workers: ${asked}`

export const issuerUrl = 'https://id.example.test'
export const audience = 'https://api.example.test'

/** A folder with configuration, contract and keys, and a gateway that runs on it. */
export interface RunningGateway {
  readonly app: App
  readonly url: string
  readonly adminUrl: string
  readonly folder: string
  readonly upstream: RecordingUpstream
  /** A token of the configured issuer; `claims` replace the usual ones, `undefined` removes one. */
  token(claims?: Record<string, unknown>): Promise<string>
  /** Starts another gateway on the same files, as another process would. */
  another(): Promise<{ readonly app: App; readonly url: string }>
  /** Reads the configuration file again. */
  reload(): Promise<void>
  close(): Promise<void>
}

export interface GatewayFiles {
  /** OpenAPI document, YAML. */
  readonly contract: string
  /** Lines under `apis.things:`, indented by four; `contract` and `upstream` are there already. */
  readonly api?: string
  /** Further top-level lines. */
  readonly top?: string
  readonly listen?: string
  /** Further members of the issuer, as YAML flow: `dpop: required`. */
  readonly issuer?: string
  /** Further issuers, lines indented by two. */
  readonly issuers?: string
  /** The durable store; `sqlite::memory:` unless written. */
  readonly durable?: string
  /** The shared store; `memory` unless written. */
  readonly shared?: string
  /** Where audit events go; `none` unless written. */
  readonly events?: string
  /** Starts it; `createApp` by default. */
  readonly start?: (loaded: LoadedConfig) => Promise<App>
  /** Files of the folder besides, by name: certificates, keys. */
  readonly files?: Readonly<Record<string, string>>
}

/** Starts upstream and gateway on ports the kernel chooses. */
export async function startGateway(files: GatewayFiles): Promise<RunningGateway> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-flow-'))
  const upstream = await startUpstream()
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  writeFileSync(join(folder, 'issuer.pem'), await exportSPKI(publicKey))
  writeFileSync(
    join(folder, 'jwks.json'),
    JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' }] }),
  )
  writeFileSync(join(folder, 'contract.yaml'), files.contract)
  for (const [name, text] of Object.entries(files.files ?? {}))
    writeFileSync(join(folder, name), text, { mode: 0o600 })
  const file = join(folder, 'sallyport.yaml')
  writeFileSync(
    file,
    `listen: ${files.listen ?? '[{ address: 127.0.0.1:0 }]'}
admin: { address: 127.0.0.1:0 }
store: { durable: "${files.durable ?? 'sqlite::memory:'}", shared: "${files.shared ?? 'memory'}" }
log: { events: ${files.events ?? 'none'} }
issuers:
  main: { issuer: ${issuerUrl}, audience: ${audience}, algorithms: [ES256], keys: { jwks: jwks.json }${files.issuer === undefined ? '' : `, ${files.issuer}`} }
${files.issuers ?? ''}
${files.top?.includes('workers:') === true ? '' : workersLine}
apis:
  things:
    contract: contract.yaml
    upstream: ${upstream.url}
${files.api ?? ''}
${files.top ?? ''}
`,
  )
  const app = await startApp(file, files.start).catch(async (error: unknown) => {
    await upstream.close()
    rmSync(folder, { recursive: true, force: true })
    throw error
  })
  const find = (kind: string): string => app.addresses.find((address) => address.kind === kind)?.url ?? ''
  return {
    app,
    folder,
    upstream,
    url: find('api'),
    adminUrl: find('admin'),
    token(claims = {}) {
      const now = Math.floor(Date.now() / 1000)
      const usual = {
        iss: issuerUrl,
        aud: audience,
        sub: '123',
        scope: 'things:read things:write',
        iat: now,
        exp: now + 300,
      }
      const payload = Object.fromEntries(
        Object.entries({ ...usual, ...claims }).filter(([, value]) => value !== undefined),
      )
      return new SignJWT(payload)
        .setProtectedHeader({ alg: 'ES256', kid: 'k1', typ: 'at+jwt' })
        .sign(privateKey)
    },
    async another() {
      const other = await startApp(file)
      return { app: other, url: other.addresses.find(({ kind }) => kind === 'api')?.url ?? '' }
    },
    async reload() {
      await app.reload(await loadConfig(file, process.env))
    },
    async close() {
      await app.close(500)
      await upstream.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function startApp(file: string, start = createApp): Promise<App> {
  return start(await loadConfig(file, process.env))
}
