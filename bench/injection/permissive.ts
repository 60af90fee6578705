import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApp } from '../../src/app/app.ts'
import { loadConfig } from '../../src/config/load-config.ts'

/** Something that listens and can be asked. */
export interface Target {
  readonly name: string
  readonly port: number
  close(): Promise<void>
}

/** Answers everything with a fixed 200. */
export async function startEcho(): Promise<Target> {
  const server = createServer((request, response) => {
    request.resume()
    request.on('error', () => undefined)
    response.setHeader('content-type', 'text/plain')
    response.end('fine')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    name: 'echo',
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const maxSegments = 10
const open = { type: 'object', additionalProperties: true }
const requestBody = {
  content: {
    'application/json': {
      schema: { properties: { url: { type: 'string', format: 'uri' } }, additionalProperties: true },
    },
    'application/x-www-form-urlencoded': { schema: open },
    'multipart/form-data': { schema: open },
    'text/plain': {},
    'application/xml': {},
    'text/xml': {},
  },
}
const responses = { default: { description: 'anything' } }

/** A contract that allows any path, any query, any field and any text: nothing but the scan says no. */
function permissiveContract(): string {
  const paths: Record<string, unknown> = {}
  for (let count = 0; count <= maxSegments; count++) {
    const names = Array.from({ length: count }, (_, i) => `s${i}`)
    const parameters = [
      { name: 'any', in: 'query', style: 'form', explode: true, schema: open },
      ...names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
    ]
    const plain = { security: [], responses }
    const sending = { ...plain, requestBody }
    paths[`/${names.map((name) => `{${name}}`).join('/')}`] = {
      parameters,
      get: plain,
      head: plain,
      options: sending,
      delete: sending,
      post: sending,
      put: sending,
      patch: sending,
    }
  }
  return JSON.stringify({ openapi: '3.1.0', info: { title: 'Anything', version: '1' }, paths })
}

/** A real gateway on the permissive contract, controls at their defaults but for the threshold. */
export async function startPermissiveGateway(upstream: number, threshold: string): Promise<Target> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-injection-'))
  writeFileSync(join(folder, 'contract.yaml'), permissiveContract())
  const file = join(folder, 'sallyport.yaml')
  writeFileSync(
    file,
    `listen: [{ address: 127.0.0.1:0 }]
store: { durable: "sqlite::memory:", shared: memory }
log: { events: none }
apis:
  any:
    contract: contract.yaml
    upstream: http://127.0.0.1:${upstream}
    controls: { response-schema: off }
    prune: off
    injection: { threshold: ${threshold} }
`,
  )
  const app = await createApp(await loadConfig(file, process.env))
  const url = app.addresses.find((address) => address.kind === 'api')?.url ?? ''
  return {
    name: `sallyport ${threshold}`,
    port: Number(new URL(url).port),
    async close() {
      await app.close(500)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
