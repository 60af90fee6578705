import { createClient, createCluster } from '@redis/client'
import type { RedisNode, RedisOptions } from './options.ts'

/** One way to the store, whatever it is made of. */
export interface Connection {
  /** Sends one command; `key` says to which server of a cluster. What is sent in one turn leaves together. */
  send(key: string, args: readonly string[]): Promise<unknown>
  /** Calls `heard` with each message of a channel, also after a break of the connection. */
  subscribe(channel: string, heard: (message: string) => void): Promise<void>
  /** Breaks it off: what waits for an answer rejects. */
  end(): void
}

/** Connects. Rejects where that takes longer than `withinMs`. */
export async function connect(
  options: RedisOptions,
  onError: (error: unknown) => void,
  withinMs: number,
): Promise<Connection> {
  if (options.mode === 'cluster') return connectCluster(options, onError, withinMs)
  const node = options.mode === 'single' ? options.nodes[0] : await findMaster(options, withinMs)
  if (node === undefined) throw new Error('there is no server to connect to')
  const client = clientOf(options, node, {
    user: options.user,
    password: options.password,
    database: options.database ?? 0,
  })
  client.on('error', onError)
  await opened(client, withinMs)
  return {
    send: (_key, args) => client.sendCommand([...args]),
    subscribe: async (channel, heard) => void (await client.subscribe(channel, heard)),
    end: () => ended(client),
  }
}

type Client = ReturnType<typeof clientOf>

interface Account {
  readonly user?: string | undefined
  readonly password?: string | undefined
  readonly database?: number
}

function clientOf(options: RedisOptions, { host, port }: RedisNode, account: Account) {
  return createClient({
    ...common(options, account),
    socket: { ...socketOf(options), host, port },
    ...(account.database !== undefined && account.database > 0 && { database: account.database }),
  })
}

async function connectCluster(
  options: RedisOptions,
  onError: (error: unknown) => void,
  withinMs: number,
): Promise<Connection> {
  const defaults = {
    ...common(options, { user: options.user, password: options.password }),
    socket: socketOf(options),
  }
  const cluster = createCluster({
    rootNodes: options.nodes.map(({ host, port }) => ({
      ...defaults,
      socket: { ...defaults.socket, host, port },
    })),
    defaults,
    commandOptions: noTimer,
  })
  cluster.on('error', onError)
  cluster.on('node-error', onError)
  await opened(cluster, withinMs, false)
  return {
    send: (key, args) => cluster.sendCommand(key, false, [...args]),
    subscribe: (channel, heard) => cluster.subscribe(channel, heard),
    end: () => ended(cluster),
  }
}

/** The deadline of a command is kept by the link: a timer for each costs more than the command. */
const noTimer = { timeout: undefined } as unknown as { readonly timeout: number }

function common(_options: RedisOptions, { user, password }: Account) {
  return {
    ...(user !== undefined && { username: user }),
    ...(password !== undefined && { password }),
    // What cannot be sent now is refused: who waits for a limit waits in vain.
    disableOfflineQueue: true,
    commandsQueueMaxLength: 100_000,
    commandOptions: noTimer,
    disableClientInfo: true,
    maintNotifications: 'disabled' as const,
  }
}

function socketOf({ tls }: RedisOptions) {
  return {
    connectTimeout: 2_000,
    reconnectStrategy: 200,
    ...(tls !== undefined && {
      tls: true as const,
      minVersion: 'TLSv1.2' as const,
      ...(tls.authorities !== undefined && { ca: tls.authorities }),
    }),
  }
}

/** Asks the sentinels, one after another, who the master is. */
async function findMaster(options: RedisOptions, withinMs: number): Promise<RedisNode> {
  let reason: unknown
  for (const node of options.nodes) {
    const sentinel = clientOf(options, node, {
      user: options.sentinelUser,
      password: options.sentinelPassword,
    })
    sentinel.on('error', () => undefined)
    try {
      await opened(sentinel, withinMs)
      const found: unknown = await within(
        sentinel.sendCommand(['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', options.name ?? '']),
        withinMs,
      )
      if (Array.isArray(found)) return { host: String(found[0]), port: Number(found[1]) }
      reason = new Error('the sentinel knows no master of this name')
    } catch (error) {
      reason = error
    } finally {
      ended(sentinel)
    }
  }
  throw reason ?? new Error('there is no sentinel')
}

interface Openable {
  connect(): Promise<unknown>
  destroy(): void
}

/** `first`: the first error is the last word; else the client tries its other servers until the time is over. */
async function opened(client: Openable, withinMs: number, first = true): Promise<void> {
  let failed: unknown
  const error = new Promise<never>((_resolve, reject) => {
    ;(client as Client).on('error', (reason: unknown) => {
      failed ??= reason
      if (first) reject(reason)
    })
  })
  try {
    await within(Promise.race([client.connect(), error]), withinMs)
  } catch (reason) {
    ended(client)
    // What a client that tried again failed with at first says more than that it took long.
    throw failed ?? reason
  }
}

function ended(client: Openable): void {
  try {
    client.destroy()
  } catch {
    // It was never open.
  }
}

async function within<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
