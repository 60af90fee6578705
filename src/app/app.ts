import type { LoadedConfig } from '../config/loaded-config.ts'
import { createListeners, type Listeners } from '../stages/listen/create-listeners.ts'
import type { AppAddress } from './address.ts'
import type { AdminServer } from './admin/admin-server.ts'
import { authorityResources } from './authority/authority-resources.ts'
import { type RunningAuthority, startAuthority } from './authority/start-authority.ts'
import { type CompiledGate, compileGate } from './compile-gate.ts'
import { doorOf } from './door-of.ts'
import { listenOptionsOf } from './listen-options.ts'
import { compilePolicy } from './policy/compile-policy.ts'
import { hasLocks } from './policy/has-locks.ts'
import type { Policy } from './policy/policy.ts'
import type { App } from './running-app.ts'
import { assertSameSockets } from './same-sockets.ts'
import { createServices, type Services } from './services.ts'
import { writtenHosts } from './written-hosts.ts'

export type { App } from './running-app.ts'

/** The one place where everything meets. Throws `Unusable`; nothing stays open then. */
export async function createApp(loaded: LoadedConfig): Promise<App> {
  if (loaded.config.workers > 1) {
    const { createWorkersApp } = await import('./workers/create-workers-app.ts')
    return createWorkersApp(loaded)
  }
  const opened = await openBoth(loaded)
  let { policy } = opened
  const { services } = opened
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
    // After the door is open: the first call waits for none of it.
    const { startAdminServer } = await import('./admin/admin-server.ts')
    admin = await startAdminServer(loaded, services, () => ({ policy, compiled, draining: false }), running)
  } catch (error) {
    for (const step of undo) await step()
    throw error
  }
  void compiled.identify.ready()
  let links = [...(running?.links ?? []), ...(admin?.links ?? [])]

  return {
    addresses: [...listeners.addresses.map(addressOf), ...(admin === undefined ? [] : [admin.address])],
    get notes() {
      const findings = compiled.findings.map((finding) => finding.message)
      return [...listeners.notes, ...(running?.notes ?? []), ...links, ...findings]
    },
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
      links = []
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

/** The store's own thread starts while this one compiles the policy; what is wrong with the policy is told first. */
async function openBoth(loaded: LoadedConfig): Promise<{ policy: Policy; services: Services }> {
  const opening = createServices(loaded.config)
  opening.catch(() => undefined)
  try {
    const policy = await compilePolicy(loaded)
    return { policy, services: await opening }
  } catch (error) {
    await opening.then(
      (services) => services.close(),
      () => undefined,
    )
    throw error
  }
}

function addressOf(one: Listeners['addresses'][number]): AppAddress {
  return { url: one.url, kind: one.redirect ? 'redirect' : 'api', listener: one.listener }
}
