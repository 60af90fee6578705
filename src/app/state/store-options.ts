import { readFileSync } from 'node:fs'
import type { PostgresConfig } from '../../config/values/postgres-address.ts'
import type { RedisConfig } from '../../config/values/redis-address.ts'
import { Unusable } from '../../kernel/finding.ts'
import type { StoreWatch } from '../../kernel/store-watch.ts'
import type { PostgresOptions } from '../../stores/postgres/options.ts'
import type { RedisOptions } from '../../stores/redis/options.ts'

/** What the configuration says of PostgreSQL, with its files read. Throws `Unusable` where one cannot be. */
export function postgresOptionsOf(config: PostgresConfig, watch?: StoreWatch): PostgresOptions {
  const { files, tls, password, user, schema } = config
  return {
    host: config.host,
    port: config.port,
    database: config.database,
    ...(schema !== undefined && { schema }),
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password: password.reveal() }),
    ...(tls !== 'off' && {
      tls: {
        verify: tls === 'verified',
        ...(files.authorities !== undefined && { authorities: fileOf(files.authorities) }),
        ...(files.certificate !== undefined && { certificate: fileOf(files.certificate) }),
        ...(files.key !== undefined && { key: fileOf(files.key) }),
      },
    }),
    pool: config.pool,
    statementMs: config.statementMs,
    connectMs: config.connectMs,
    ...(watch !== undefined && { watch }),
  }
}

/** What the configuration says of Redis, with its file read. Throws `Unusable` where it cannot be. */
export function redisOptionsOf(config: RedisConfig, watch?: StoreWatch): RedisOptions {
  const { mode, nodes, name, user, password, sentinelUser, sentinelPassword, tls, authorities } = config
  return {
    mode,
    nodes,
    ...(name !== undefined && { name }),
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password: password.reveal() }),
    ...(sentinelUser !== undefined && { sentinelUser }),
    ...(sentinelPassword !== undefined && { sentinelPassword: sentinelPassword.reveal() }),
    database: config.database,
    ...(tls && { tls: authorities === undefined ? {} : { authorities: fileOf(authorities) } }),
    prefix: config.prefix,
    timeoutMs: config.timeoutMs,
    ...(watch !== undefined && { watch }),
  }
}

function fileOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown'
    throw new Unusable([{ rule: 'store.file', severity: 'error', message: `a file of the store: ${reason}` }])
  }
}
