import { setTimeout as wait } from 'node:timers/promises'
import { type RedisServer, startRedis } from './redis-server.ts'

/** Several servers that are one store. */
export interface RedisGroup {
  readonly url: string
  readonly servers: readonly RedisServer[]
  close(): Promise<void>
}

const slots = 16_384

/** A cluster of three masters. */
export async function startRedisCluster(): Promise<RedisGroup> {
  const servers = await Promise.all(
    [1, 2, 3].map(() =>
      startRedis({
        settings: [
          ['cluster-enabled', 'yes'],
          ['cluster-node-timeout', '2000'],
          // One master that is down takes only its own keys with it.
          ['cluster-require-full-coverage', 'no'],
        ],
      }),
    ),
  )
  const share = Math.ceil(slots / servers.length)
  await Promise.all(
    servers.map(async (server, i) => {
      await server.command('cluster', 'set-config-epoch', String(i + 1))
      const last = Math.min((i + 1) * share, slots) - 1
      await server.command('cluster', 'addslotsrange', String(i * share), String(last))
    }),
  )
  for (const { port } of servers.slice(1))
    await servers[0]?.command('cluster', 'meet', '127.0.0.1', String(port))
  await until(async () => {
    const infos = await Promise.all(servers.map((server) => server.command('cluster', 'info')))
    return infos.every((info) => info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:3'))
  })
  return {
    url: `redis://${servers.map(({ port }) => `127.0.0.1:${port}`).join(',')}/?cluster=true`,
    servers,
    close: async () => void (await Promise.all(servers.map((server) => server.close()))),
  }
}

/** A master, its replica, and a sentinel that watches them. `servers` are in this order. */
export async function startRedisSentinel(): Promise<RedisGroup> {
  const master = await startRedis({ settings: [['repl-diskless-sync-delay', '0']] })
  const replica = await startRedis({ settings: [['replicaof', `127.0.0.1 ${master.port}`]] })
  const sentinel = await startRedis({
    sentinel: true,
    settings: [
      ['sentinel monitor', `main 127.0.0.1 ${master.port} 1`],
      ['sentinel down-after-milliseconds', 'main 500'],
      ['sentinel failover-timeout', 'main 2000'],
    ],
  })
  await until(async () => (await replica.command('info', 'replication')).includes('master_link_status:up'))
  await until(async () => (await sentinel.command('sentinel', 'master', 'main')).includes('num-slaves\n1'))
  return {
    url: `redis://127.0.0.1:${sentinel.port}/?sentinel=main`,
    servers: [master, replica, sentinel],
    close: async () => void (await Promise.all([master, replica, sentinel].map((server) => server.close()))),
  }
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000
  while (!(await holds().catch(() => false))) {
    if (Date.now() > deadline) throw new Error('the servers did not find one another')
    await wait(50)
  }
}
