import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { createAdmin } from '../../admin/admin.ts'
import { assertLoopback } from '../../admin/loopback.ts'
import { loadStaticFiles } from '../../admin/static-files.ts'
import type { LoadedConfig } from '../../config/loaded-config.ts'
import { Unusable } from '../../kernel/finding.ts'
import type { AppAddress } from '../address.ts'
import type { RunningAuthority } from '../authority/start-authority.ts'
import type { Policy } from '../policy/policy.ts'
import type { Services } from '../services.ts'
import { createAdminAccess } from './admin-access.ts'
import { adminEventOf } from './admin-event.ts'
import { createAdminModules } from './admin-modules.ts'
import { inventoryOf } from './inventory-view.ts'

export interface AdminServer {
  readonly address: AppAddress
  /** The set-up link where nobody may administrate yet: said once. */
  readonly links: readonly string[]
  close(): Promise<void>
}

/** The console as it is built; not there in a checkout where nobody built it. */
const consoleFolder = fileURLToPath(new URL('../../../console/dist', import.meta.url))

/** What the admin address shows, as it is now. */
export interface Running {
  readonly policy: Policy
  readonly compiled: {
    readonly identify: { health(): readonly { readonly issuer: string; readonly keys: number }[] }
  }
  /** Why it cannot serve, beside its issuers. */
  readonly reasons?: readonly string[]
}

/** Serves the admin API on its own address, or nothing where none is configured. */
export async function startAdminServer(
  loaded: LoadedConfig,
  services: Services,
  running: () => Running,
  authority?: RunningAuthority,
): Promise<AdminServer | undefined> {
  const config = loaded.config.admin
  if (config === undefined) return undefined
  if (config.token === undefined && config.people === undefined) assertLoopback(config.host)
  const parts = await createAdminModules(config, services, () => running().policy, authority)
  const { access, setup, close } = await createAdminAccess(loaded, config, services, authority)
  const admin = createAdmin({
    token: config.token?.reveal(),
    loopback: config.loopback,
    hosts: config.hosts,
    access,
    files: loadStaticFiles(consoleFolder),
    cookieSuffix: config.port === 0 ? '' : String(config.port),
    onChange: (change) => services.recorder.event(adminEventOf(change, Date.now())),
    metrics: services.metrics,
    events: services.events,
    readiness: () => readiness(running()),
    coverage: () => running().policy.coverage(),
    findings: parts.findings.findings,
    blocks: parts.findings.blocks,
    modules: parts.modules,
    inventory: () => inventoryOf(running().policy.operations, services.inventory.sightings(), Date.now()),
    jwks: () => services.assertion.jwks,
    onFault: (error, operation) =>
      services.log.error({ operation, reason: reasonOf(error) }, 'admin request failed'),
  })
  const server = createServer(
    { requestTimeout: 10_000, headersTimeout: 5_000, maxHeaderSize: 16_384 },
    admin.handle,
  )
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(notListening(loaded, config.pointer, config.address, error)))
    server.listen(config.port, config.host, resolve)
  }).catch((error: unknown) => {
    close()
    parts.close()
    throw error
  })
  const bound = server.address()
  const port = typeof bound === 'object' && bound !== null ? bound.port : config.port
  const host = config.host.includes(':') ? `[${config.host}]` : config.host
  const url = `http://${host}:${port}`
  return {
    address: { url, kind: 'admin', listener: config.address },
    links:
      setup === undefined
        ? []
        : [`no administrator yet: sign in at ${url}/#setup=${setup.token} (good once, for an hour)`],
    close: () =>
      new Promise<void>((resolve) => {
        close()
        parts.close()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Ready once every issuer has keys to verify with. */
function readiness({ compiled, reasons: others = [] }: Running): { ready: boolean; reasons: string[] } {
  const keyless = compiled.identify
    .health()
    .filter((issuer) => issuer.keys === 0)
    .map((issuer) => `issuer ${issuer.issuer}: no usable keys`)
  const reasons = [...others, ...keyless]
  return { ready: reasons.length === 0, reasons }
}

function notListening(loaded: LoadedConfig, pointer: string, address: string, error: Error): Unusable {
  const code = 'code' in error ? String(error.code) : error.message
  const why = code === 'EADDRINUSE' ? 'the address is in use' : code
  return new Unusable([
    {
      rule: 'config.listen',
      severity: 'error',
      message: `cannot listen on ${address}: ${why}`,
      place: loaded.place(pointer),
    },
  ])
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : 'unknown'
}
