import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { Unusable } from '../../src/kernel/finding.ts'
import { type Authority, createAuthority } from '../rfc/certificate-authority.ts'
import { needsPostgres, type PostgresServer, startPostgres } from '../support/servers/postgres-server.ts'
import { needsRedis, type RedisServer, startRedis } from '../support/servers/redis-server.ts'
import { type GatewayFiles, startGateway } from './running-gateway.ts'
import { thingsContract } from './things-contract.ts'

/** Stores over TLS: the certificate and its name are checked unless it is written that they are not. */
describe('stores over TLS', { skip: needsPostgres().skip || needsRedis().skip, timeout: 60_000 }, () => {
  let authority: Authority
  let stranger: Authority
  let postgres: PostgresServer
  let redis: RedisServer
  before(async () => {
    authority = await createAuthority('Stores')
    stranger = await createAuthority('Somebody')
    const names = [{ type: 'ip' as const, value: '127.0.0.1' }]
    const tls = await authority.issue('store', { use: 'server', names })
    postgres = await startPostgres({ tls })
    redis = await startRedis({ password: 'p@ss:word/1', tls: { ...tls, authority: authority.certificate } })
  })
  after(async () => {
    await postgres?.close()
    await redis?.close()
  })

  const start = (over: Partial<GatewayFiles>) =>
    startGateway({
      contract: thingsContract,
      files: { 'ca.pem': authority.certificate, 'other.pem': stranger.certificate },
      ...over,
    })
  const refused = (over: Partial<GatewayFiles>, why: RegExp) =>
    assert.rejects(
      async () => {
        const gateway = await start(over)
        await gateway.close()
      },
      (error) => {
        assert.ok(error instanceof Unusable, String(error))
        assert.match(error.message, why)
        assert.doesNotMatch(JSON.stringify(error.findings), /p@ss|p%40ss/)
        return true
      },
    )

  it('both over TLS, and a call passes', async () => {
    const gateway = await start({
      durable: `${postgres.url()}?sslmode=verify-full&sslrootcert=ca.pem`,
      shared: `${redis.url}?ca=ca.pem`,
      api: '    limits: [{ for: "*", per: caller, rate: 100/min, burst: 10 }]',
    })
    try {
      const headers = { authorization: `Bearer ${await gateway.token()}` }
      const response = await fetch(`${gateway.url}/things/1`, { headers })
      assert.equal(response.status, 200)
      assert.match(response.headers.get('ratelimit') ?? '', /r=9/)
    } finally {
      await gateway.close()
    }
  })

  it('the certificate of a stranger is refused', async () => {
    await refused(
      { durable: `${postgres.url()}?sslmode=verify-full&sslrootcert=other.pem` },
      /PostgreSQL at 127/,
    )
    await refused({ shared: `${redis.url}?ca=other.pem` }, /Redis at 127/)
  })

  it('a name that the certificate does not have is refused', async () => {
    const named = (url: string): string => url.replace('@127.0.0.1:', '@localhost:')
    await refused(
      { durable: `${named(postgres.url())}?sslmode=verify-full&sslrootcert=ca.pem` },
      /does not match certificate|ERR_TLS_CERT_ALTNAME/,
    )
    await refused(
      { shared: `${named(redis.url)}?ca=ca.pem` },
      /does not match certificate|ERR_TLS_CERT_ALTNAME/,
    )
  })

  it('`require` takes whatever certificate there is', async () => {
    const gateway = await start({ durable: `${postgres.url()}?sslmode=require` })
    await gateway.close()
  })
})
