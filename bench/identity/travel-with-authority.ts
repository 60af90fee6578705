import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { createClientAdmin } from '../../src/app/admin/client-admin.ts'
import { openState } from '../../src/app/state/state.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { freePort } from '../free-port.ts'
import type { Pinned } from '../pinned-process.ts'
import type { Site } from '../site.ts'
import { startSallyport } from '../subjects/sallyport.ts'

const travel = join(import.meta.dirname, '..', '..', 'examples', 'travel')

/** The travel example with its authorization server, as a process; its rates are raised, so that no load is refused. */
export interface TravelWithAuthority {
  readonly port: number
  readonly issuer: string
  readonly server: Pinned
  /** May ask for `calendar:read` with its own credentials. */
  readonly client: { readonly id: string; readonly secret: string }
}

/** `core`: the one the server runs on; undefined: whichever the system gives it. */
export async function startTravelWithAuthority(
  site: Site,
  backend: number,
  core: number | undefined,
): Promise<TravelWithAuthority> {
  const port = await freePort()
  const folder = join(site.folder, `authority-${port}`)
  mkdirSync(folder)
  const written = parse(readFileSync(join(travel, 'sallyport.yaml'), 'utf8')) as Written
  const api = written.apis.travel
  const issuer = `http://api.travel.example:${port}/auth`.replace('api.travel.example', '127.0.0.1')
  const config = {
    ...written,
    listen: [{ address: `127.0.0.1:${port}` }],
    admin: { address: `127.0.0.1:${await freePort()}` },
    // Every login of the bench comes from an address of its own.
    trustedProxies: ['127.0.0.1'],
    store: { durable: `sqlite:${join(folder, 'sallyport.db')}` },
    state: folder,
    log: { events: join(folder, 'events.jsonl') },
    authority: { ...written.authority, issuer, dpopNonce: 'off' },
    issuers: { travel: { ...written.issuers.travel, keys: { jwks: site.jwks }, signingKey: undefined } },
    apis: {
      travel: {
        ...api,
        contract: join(travel, 'travel.openapi.yaml'),
        upstream: `http://127.0.0.1:${backend}`,
        limits: api.limits.map((limit) => ({ ...limit, rate: '10000000/s', burst: 10_000_000 })),
      },
    },
  }
  const file = join(folder, 'policy.yaml')
  writeFileSync(file, stringify(config))
  const client = await makeClient(file)
  return { port, issuer, client, server: await startSallyport(site, 'authority', port, config, core) }
}

async function makeClient(file: string): Promise<TravelWithAuthority['client']> {
  const { config } = await loadConfig(file, {})
  const state = await openState(config)
  try {
    const made = await createClientAdmin(state, config).create({
      grants: ['client'],
      scopes: ['calendar:read'],
    })
    return { id: made.client.id, secret: made.secret ?? '' }
  } finally {
    await state.close()
  }
}

interface Written {
  readonly issuers: { readonly travel: object }
  readonly authority: object
  readonly apis: { readonly travel: { readonly limits: readonly object[] } }
}
