import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { withoutAuthority } from '../../examples/travel/without-authority.ts'
import { freePort } from '../free-port.ts'
import { type Pinned, serverCore, startPinned } from '../pinned-process.ts'
import type { Site } from '../site.ts'
import type { Subject } from '../subject.ts'

const root = join(import.meta.dirname, '..', '..')
const travel = join(root, 'examples', 'travel')
/** What `sallyport` runs. */
export const program: string = join(root, 'bin', 'sallyport.js')

/** The address on which a Sallyport subject was told to serve its metrics, by the subject's own port. */
export const adminPorts: Map<number, number> = new Map()

/** Sallyport with every door open: no issuer, no schema, no limit, no record; what the bare flow costs. */
export const sallyportOpen: Subject = {
  name: 'sallyport-open',
  title: 'Sallyport, no policy',
  packages: [],
  needs: program,
  demands: [],
  async start(site, port, backend) {
    const contract = join(site.folder, 'open.openapi.json')
    writeFileSync(contract, JSON.stringify(openContract))
    return startSallyport(site, 'sallyport-open', port, {
      listen: [{ address: `127.0.0.1:${port}` }],
      bounds: { connectionsPerAddress: 20_000 },
      admin: { address: `127.0.0.1:${await adminPort(port)}` },
      store: { durable: 'none' },
      log: { events: 'none' },
      issuers: {},
      apis: {
        open: {
          contract,
          upstream: { url: `http://127.0.0.1:${backend}`, credentials: 'forward', identity: false },
          controls: off(['scope', 'function', 'object', 'limit', 'schema', 'response-schema']),
        },
      },
    })
  },
}

/** Sallyport with the travel example's whole policy; only its rates are raised, so that nothing is refused. */
export const sallyport: Subject = {
  name: 'sallyport',
  title: 'Sallyport, whole travel policy',
  packages: [],
  needs: program,
  demands: ['token', 'owner'],
  start: (site, port, backend) => startTravel(site, port, backend),
}

/** The travel policy in front of `backend`. */
export async function startTravel(
  site: Site,
  port: number,
  backend: number,
  bounds: object = {},
  /** The shared store. */
  shared = 'memory',
  /** Threads, and the core of the process; undefined: whatever the system gives it. */
  { workers, core }: { readonly workers: number; readonly core: number | undefined } = {
    workers: 1,
    core: serverCore,
  },
): Promise<Pinned> {
  const file = await travelConfig(site, port, backend, bounds, shared, workers)
  return startSallyport(site, 'sallyport', port, file, core)
}

/** The example's file with the addresses, keys and stores of a bench. */
export async function travelConfig(
  site: Site,
  port: number,
  backend: number,
  bounds: object = {},
  shared = 'memory',
  workers = 1,
): Promise<object> {
  const config = parse(readFileSync(join(travel, 'sallyport.yaml'), 'utf8')) as TravelConfig
  withoutAuthority(config)
  const folder = join(site.folder, `travel-${port}`)
  mkdirSync(folder)
  const api = config.apis.travel
  return {
    ...config,
    workers,
    listen: [{ address: `127.0.0.1:${port}` }],
    bounds: { connectionsPerAddress: 20_000 },
    admin: { address: `127.0.0.1:${await adminPort(port)}` },
    store: { durable: `sqlite:${join(folder, 'sallyport.db')}`, shared },
    log: { events: join(folder, 'events.jsonl') },
    issuers: { travel: { ...config.issuers.travel, keys: { jwks: site.jwks }, signingKey: undefined } },
    apis: {
      travel: {
        ...api,
        contract: join(travel, 'travel.openapi.yaml'),
        upstream: `http://127.0.0.1:${backend}`,
        limits: api.limits.map((limit) => ({
          ...limit,
          window: undefined,
          rate: '10000000/s',
          burst: 10_000_000,
        })),
        bounds,
      },
    },
  }
}

interface TravelConfig {
  readonly issuers: { readonly travel: object }
  readonly apis: { readonly travel: { readonly limits: readonly object[] } }
}

async function adminPort(port: number): Promise<number> {
  const admin = await freePort()
  adminPorts.set(port, admin)
  return admin
}

/** Runs a configuration on a core of its own, or with `core` undefined on whatever the system gives it. */
export function startSallyport(
  site: Site,
  name: string,
  port: number,
  config: object,
  core: number | undefined = serverCore,
): Promise<Pinned> {
  const file = join(site.folder, `${name}-${port}.yaml`)
  writeFileSync(file, stringify(config))
  return startPinned(
    core,
    [process.execPath, program, 'serve', '--config', file],
    port,
    join(site.folder, `${name}-${port}.log`),
    { env: { ...process.env, NODE_ENV: 'production' } },
  )
}

function off(names: readonly string[]): Record<string, 'off'> {
  return Object.fromEntries(names.map((name) => [name, 'off']))
}

const operation = (operationId: string, status: string): object => ({
  operationId,
  security: [],
  responses: { [status]: { description: 'as it comes', content: { 'application/json': {} } } },
})

const openContract = {
  openapi: '3.1.0',
  info: { title: 'Open', version: '1.0.0' },
  paths: {
    '/api/v1/users/{userId}/profile': {
      parameters: [{ name: 'userId', in: 'path', required: true, schema: { type: 'string' } }],
      get: operation('readProfile', '200'),
    },
    '/bookings': {
      post: {
        ...operation('createBooking', '201'),
        requestBody: { content: { 'application/json': {} } },
      },
    },
  },
}
