import type { Server as HttpServer } from 'node:http'
import type { ServerHttp2Session } from 'node:http2'
import type { Server as HttpsServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { join } from 'node:path'
import type { Door } from '../../kernel/door.ts'
import { Unusable } from '../../kernel/finding.ts'
import { AddressLoad } from './address-load.ts'
import { BodyPace } from './body-pace.ts'
import { createDecisionDoor } from './decision-door.ts'
import { provideDevelopmentCertificate } from './development-certificate.ts'
import { createH2cListener } from './h2c-listener.ts'
import type { Listening } from './listening.ts'
import { defaultLimits, type ListenerOptions, type ListenOptions, type TlsOptions } from './options.ts'
import { createPlainListener } from './plain-listener.ts'
import { createRedirectDoor } from './redirect-door.ts'
import { retireServers } from './retire-servers.ts'
import { readTlsContext, type TlsContext } from './tls-context.ts'
import { createTlsListener } from './tls-listener.ts'
import { compileTrustedProxies } from './trusted-proxies.ts'

/** A place where the gateway can be reached. */
export interface ListenAddress {
  readonly url: string
  readonly port: number
  /** `address:port` as configured. */
  readonly listener: string
  /** Only sends callers to HTTPS. */
  readonly redirect: boolean
}

/** All open listeners of one gateway. */
export interface Listeners {
  /** In the order of the options. */
  readonly addresses: readonly ListenAddress[]
  /** PEM file of the local authority, where a listener has `tls: development`. */
  readonly developmentAuthority: string | undefined
  /** What the operator should know at start: open doors, paths of development files. */
  readonly notes: readonly string[]
  /** Every request from now on enters this door; those under way stay with theirs. */
  swap(door: Door): void
  /**
   * Reads the certificates again, from new options or from the files of the old ones, in the order of the
   * options. All or nothing: throws `Unusable` and keeps what is there. Open connections stay.
   */
  replaceCertificates(listeners?: readonly ListenerOptions[]): void
  /**
   * Takes what waits and accepts no more, tells callers to close with the reply they wait for, and ends what is left
   * after `graceMs`.
   */
  close(graceMs: number): Promise<void>
}

interface Open {
  readonly server: HttpServer | HttpsServer
  readonly options: ListenerOptions
  context: TlsContext | undefined
}

/** Opens every listener, or none: throws `Unusable` with what to write instead. */
export async function createListeners(options: ListenOptions, door: Door): Promise<Listeners> {
  const limits = { ...defaultLimits, ...options.limits }
  const listening: Listening = {
    door,
    draining: false,
    limits,
    trusted: compileTrustedProxies(options.trustedProxies ?? []),
    decision: undefined,
    pace: new BodyPace(limits.bodyBytesPerSecond, limits.bodyGraceMs),
    tunnels: new Set(),
  }
  for (const listener of options.listeners) assertGuarded(listener)
  const development = options.listeners.some(({ tls }) => tls === 'development')
    ? await provideDevelopmentCertificate(stateOf(options))
    : undefined
  const tlsOf = ({ tls }: ListenerOptions): TlsOptions | undefined =>
    tls === 'development' ? development?.tls : tls

  const load = options.load ?? new AddressLoad(limits.maxConnectionsPerAddress)
  const sessions = new Set<ServerHttp2Session>()
  const open: Open[] = []
  const redirecting = options.listeners.map(
    ({ redirectPort }): Listening => ({
      ...listening,
      door: createRedirectDoor(
        () => redirectTarget(options, open, redirectPort),
        (rejected) => listening.door.reject(rejected),
      ),
    }),
  )
  const deciding = options.listeners.map(({ decide }): Listening | undefined =>
    decide === undefined
      ? undefined
      : { ...listening, decision: decide, door: createDecisionDoor(decide, () => listening.door) },
  )
  const contexts = options.listeners.map((listener) => {
    const tls = tlsOf(listener)
    return tls === undefined ? undefined : readTlsContext(tls)
  })
  try {
    for (const [index, listener] of options.listeners.entries()) {
      const name = nameOf(listener)
      const context = contexts[index]
      const asked = deciding[index] ?? listening
      const server =
        context !== undefined
          ? createTlsListener(asked, name, context, load, sessions)
          : listener.decide === 'envoy-grpc'
            ? createH2cListener(asked, name, sessions)
            : createPlainListener(
                listener.redirect === undefined ? asked : (redirecting[index] ?? listening),
                name,
                load,
              )
      await bind(server, listener)
      open.push({ server, options: listener, context })
    }
  } catch (error) {
    for (const { server } of open) server.close()
    throw error
  }

  return {
    addresses: open.map(({ server, options: listener, context }) => {
      const { port } = server.address() as AddressInfo
      const url = `${context === undefined ? 'http' : 'https'}://${bracketed(listener.host)}:${port}`
      return { url, port, listener: nameOf(listener), redirect: listener.redirect !== undefined }
    }),
    developmentAuthority: development?.authority,
    notes: notesOf(options, development?.authority),
    swap(next) {
      listening.door = next
    },
    replaceCertificates(listeners = options.listeners) {
      const fresh = open.map(({ context }, index) => {
        const tls = listeners[index] === undefined ? undefined : tlsOf(listeners[index])
        return context === undefined || tls === undefined ? undefined : readTlsContext(tls)
      })
      for (const [index, listener] of open.entries()) {
        const context = fresh[index]
        if (context === undefined) continue
        ;(listener.server as HttpsServer).setSecureContext(context.options)
        listener.context = context
      }
    },
    async close(graceMs) {
      listening.draining = true
      for (const one of [...redirecting, ...deciding]) if (one !== undefined) one.draining = true
      const closed = retireServers(
        open.map(({ server }) => server),
        graceMs,
      )
      for (const session of sessions) session.close()
      const end = (): void => {
        for (const { server } of open) server.closeAllConnections()
        for (const session of sessions) session.destroy()
        for (const tunnel of listening.tunnels) tunnel.destroy()
      }
      const timer = setTimeout(end, graceMs)
      await closed
      clearTimeout(timer)
      listening.pace.stop()
    },
  }
}

function notesOf(options: ListenOptions, authority: string | undefined): string[] {
  const notes = options.listeners
    .filter((listener) => listener.tls === undefined && listener.redirect === undefined)
    .filter(({ host }) => !isLoopback(host))
    .map((listener) => `open door: plain HTTP is served on ${nameOf(listener)} (plaintext: allow)`)
  if (authority !== undefined) notes.push(`development TLS: clients must trust ${authority}`)
  return notes
}

function assertGuarded({ host, port, tls, redirect, plaintext }: ListenerOptions): void {
  if (tls !== undefined || redirect !== undefined || plaintext === 'allow' || isLoopback(host)) return
  throw new Unusable([
    {
      rule: 'listen.plaintext',
      severity: 'error',
      message: `listen: ${bracketed(host)}:${port} would serve plain HTTP beyond this machine`,
      fix: 'write `tls: { certificate, key }`, `redirect: https`, or `plaintext: allow`',
    },
  ])
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host)
}

function stateOf({ stateDirectory }: ListenOptions): string {
  if (stateDirectory !== undefined) return join(stateDirectory, 'tls')
  throw new Unusable([
    { rule: 'listen.development', severity: 'error', message: '`tls: development` needs a state directory' },
  ])
}

/** Hosts we answer for: configured ones, else the names of our own certificates (row N11). */
function redirectTarget(
  options: ListenOptions,
  open: readonly Open[],
  port: number | undefined,
): { hosts: string[]; port: number } {
  const secure = open.find(({ context }) => context !== undefined)
  const hosts = [...(options.hosts ?? [])]
  const names = secure?.context?.certificate.subjectAltName ?? ''
  for (const match of names.matchAll(/(?:^|, )(?:DNS|IP Address):([^,"]+)/g)) {
    const name = (match[1] ?? '').toLowerCase()
    if (!name.startsWith('*')) hosts.push(name.includes(':') ? `[${name}]` : name)
  }
  const address = secure?.server.address() as AddressInfo | null | undefined
  return { hosts: secure === undefined ? [] : hosts, port: port ?? address?.port ?? 443 }
}

function bind(server: Server, { host, port, spread = false }: ListenerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const message = `listen: cannot open ${bracketed(host)}:${port} (${error.code ?? error.message})`
      reject(new Unusable([{ rule: 'listen.address', severity: 'error', message }]))
    })
    server.listen({ host, port, reusePort: spread }, () => {
      server.removeAllListeners('error')
      // A running listener does not die of one failed accept.
      server.on('error', () => {})
      resolve()
    })
  })
}

function nameOf({ host, port }: ListenerOptions): string {
  return `${bracketed(host)}:${port}`
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
