import type { LoadedConfig } from '../config/loaded-config.ts'
import { decide } from '../gateway/decision.ts'
import { flow } from '../gateway/flow.ts'
import { refuse } from '../gateway/refuse.ts'
import type { Door } from '../kernel/door.ts'
import { Unusable } from '../kernel/finding.ts'
import { createListeners, type Listeners } from '../stages/listen/create-listeners.ts'
import type { AppAddress } from './address.ts'
import { type AdminServer, startAdminServer } from './admin-server.ts'
import { authorityResources } from './authority-resources.ts'
import { type CompiledGate, compileGate } from './compile-gate.ts'
import { compilePolicy } from './compile-policy.ts'
import { listenOptionsOf } from './listen-options.ts'
import type { Policy } from './policy.ts'
import { createServices, type Services } from './services.ts'
import { type RunningAuthority, startAuthority } from './start-authority.ts'
import { writtenHosts } from './written-hosts.ts'

/** A running gateway. */
export interface App {
  readonly addresses: readonly AppAddress[]
  /** What the operator should know at start: open doors, the path of a development authority. */
  readonly notes: readonly string[]
  /** Puts a new policy in force between two calls. Throws `Unusable` and keeps the old one. */
  reload(loaded: LoadedConfig): Promise<void>
  /** Drains and ends; calls still open after `graceMs` are cut. */
  close(graceMs?: number): Promise<void>
}

/** The one place where everything meets. Throws `Unusable`; nothing stays open then. */
export async function createApp(loaded: LoadedConfig): Promise<App> {
  let policy = await compilePolicy(loaded)
  const services = await createServices(loaded.config)
  let compiled: CompiledGate
  let listeners: Listeners
  let admin: AdminServer | undefined
  let running: RunningAuthority | undefined
  const undo: (() => Promise<void>)[] = [() => services.close()]
  try {
    running = await startAuthority(policy, services)
    if (running !== undefined) undo.unshift(running.close)
    if (hasLocks(policy)) await services.locks?.follow()
    compiled = compileGate(policy, services, running)
    undo.unshift(() => compiled.close())
    listeners = await createListeners(listenOptionsOf(loaded), doorOf(compiled, services))
    undo.unshift(() => listeners.close(0))
    admin = await startAdminServer(loaded, services, () => ({ policy, compiled, draining: false }), running)
  } catch (error) {
    for (const step of undo) await step()
    throw error
  }
  void compiled.identify.ready()

  return {
    addresses: [...listeners.addresses.map(addressOf), ...(admin === undefined ? [] : [admin.address])],
    notes: [
      ...listeners.notes,
      ...(running?.notes ?? []),
      ...(admin?.notes ?? []),
      ...compiled.findings.map((finding) => finding.message),
    ],
    async reload(next) {
      assertSameSockets(policy.loaded, next)
      const nextPolicy = await compilePolicy(next)
      services.outbound.allow(writtenHosts(next.config))
      if (hasLocks(nextPolicy)) await services.locks?.follow()
      const nextGate = compileGate(nextPolicy, services, running)
      await nextGate.identify.ready()
      // Certificates and revocation lists are read again; a broken one keeps the old policy.
      try {
        listeners.replaceCertificates(listenOptionsOf(next).listeners)
      } catch (error) {
        await nextGate.close()
        throw error
      }
      running?.authority.useResources(authorityResources(nextPolicy))
      const before = compiled
      compiled = nextGate
      policy = nextPolicy
      listeners.swap(doorOf(nextGate, services))
      // Calls under way end in the gate they entered.
      void before.close()
    },
    async close(graceMs = loaded.config.timeouts.drain) {
      await listeners.close(graceMs)
      await compiled.close()
      await admin?.close()
      await running?.close()
      await services.close()
    },
  }
}

/** True where a limit locks keys: then locks of before, and of other processes, count. */
function hasLocks(policy: Policy): boolean {
  return policy.apis.some((api) => api.config.limits.some((rule) => rule.lock !== undefined))
}

/** The way in: calls take the flow, what is no call is refused and put on record. */
function doorOf(compiled: CompiledGate, services: Services): Door {
  return {
    enter: (arrived) => flow(compiled.gate, arrived),
    decide: (arrived) => decide(compiled.gate, arrived, compiled.upstreamFields).then(({ reply }) => reply),
    reject(rejected) {
      const reply = refuse(rejected.denial, rejected.id, rejected.channel.secure)
      services.recorder.rejected(rejected, reply.status)
      return reply
    },
  }
}

/** Addresses and stores are opened once; what changes there needs a restart, and says so. */
function assertSameSockets(before: LoadedConfig, next: LoadedConfig): void {
  const fixed = [
    'listen',
    'admin',
    'store',
    'workers',
    'trustedProxies',
    'timeouts',
    'log',
    'authority',
    'audit',
    'traces',
  ] as const
  const changed = fixed.filter((key) => printed(before, key) !== printed(next, key))
  if (changed.length === 0) return
  throw new Unusable(
    changed.map((key) => ({
      rule: 'config.restart',
      severity: 'error',
      message: `\`${key}\` cannot change while the gateway runs`,
      place: next.place(`/${key}`),
      fix: 'restart the gateway',
    })),
  )
}

/** Secrets print as `[secret]`, so the admin token is compared by itself. */
function printed({ config }: LoadedConfig, key: keyof LoadedConfig['config']): string {
  const text = JSON.stringify(config[key])
  return key === 'admin' ? `${text}${config.admin?.token?.reveal() ?? ''}` : text
}

function addressOf(one: Listeners['addresses'][number]): AppAddress {
  return { url: one.url, kind: one.redirect ? 'redirect' : 'api', listener: one.listener }
}
