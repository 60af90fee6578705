import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createPostgresEventStore } from '../../src/stores/postgres/event-store.ts'
import { createPool } from '../../src/stores/postgres/pool.ts'
import { optionsOf } from '../support/servers/postgres-databases.ts'
import { needsPostgres, type PostgresServer, startPostgres } from '../support/servers/postgres-server.ts'
import { type RunningGateway, startGateway } from './running-gateway.ts'
import { command } from './sallyport.ts'
import { thingsContract } from './things-contract.ts'

/** What the loss of PostgreSQL means: credentials fail closed, no event is lost that the queue holds, all heals by itself. */
describe('a gateway on PostgreSQL', { ...needsPostgres(), timeout: 60_000 }, () => {
  let server: PostgresServer
  let gateway: RunningGateway
  let token: string
  before(async () => {
    server = await startPostgres()
    gateway = await startGateway({
      contract: thingsContract,
      durable: `${server.url()}?statement_timeout=1s&connect_timeout=1s`,
    })
    token = await gateway.token()
  })
  after(async () => {
    await gateway?.close()
    await server?.close()
  })

  it('a connection that ends while it is lent out is an error to who has it, and to nobody else', async () => {
    const pool = createPool(optionsOf(server.url()))
    const lent = await pool.connect()
    const other = await pool.connect()
    const { rows } = await lent.query<{ pid: number }>('select pg_backend_pid() as pid', [])
    await other.query('select pg_terminate_backend($1)', [rows[0]?.pid])
    await sleep(200)
    await assert.rejects(async () => lent.query('select 1', []))
    lent.release()
    other.release()
    const next = await pool.connect()
    assert.deepEqual((await next.query('select 1 as one', [])).rows, [{ one: 1 }])
    next.release()
    await pool.end()
  })

  const call = async (
    bearer = token,
    url = gateway.url,
  ): Promise<{ status: number; code: string | undefined }> => {
    const response = await fetch(`${url}/things/1`, { headers: { authorization: `Bearer ${bearer}` } })
    const body = (await response.json()) as { code?: string }
    return { status: response.status, code: body.code }
  }
  const metric = async (line: string): Promise<string | undefined> => {
    const text = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
    return text
      .split('\n')
      .find((one) => one.startsWith(`${line} `))
      ?.split(' ')[1]
  }
  const until = async (holds: () => Promise<boolean>, ms = 15_000): Promise<void> => {
    const deadline = Date.now() + ms
    while (!(await holds())) {
      if (Date.now() > deadline) assert.fail(`not within ${ms} ms: ${holds}`)
      await sleep(50)
    }
  }
  const recorded = async (status: number): Promise<number> => {
    const store = await createPostgresEventStore(optionsOf(server.url()))
    const { events } = await store.query({ status }, 500)
    await store.close()
    return events.length
  }

  it('passes calls, records them, and hears of a revocation from the command line within a second', async () => {
    assert.equal((await call()).status, 200)
    await until(async () => (await recorded(200)) === 1)
    const taken = await gateway.token({ jti: 'taken-1' })
    const other = await gateway.another()
    try {
      assert.equal((await call(taken)).status, 200)
      const ran = await command(gateway.folder, 'tokens', 'revoke', '--jti', 'taken-1', '--issuer', 'main')
      assert.equal(ran.code, 0, ran.err)
      const began = performance.now()
      for (const url of [gateway.url, other.url])
        await until(async () => (await call(taken, url)).status === 401)
      assert.ok(performance.now() - began < 1500)
    } finally {
      await other.app.close(100)
    }
  })

  it('killed: authentication fails closed within 5 s, and heals when it is back, with every event', async () => {
    const before = await recorded(200)
    await server.kill()
    assert.equal((await call()).status, 200, 'what is in memory is still believed for a moment')
    await until(async () => (await call()).status === 503, 6_000)
    const seen = gateway.upstream.seen.length
    assert.deepEqual(await call(), { status: 503, code: 'IDENTIFY_KEYS_UNAVAILABLE' })
    assert.equal(gateway.upstream.seen.length, seen, 'nothing passes')
    assert.equal(await metric('sallyport_store_up{store="postgres"}'), '0')
    assert.ok(Number(await metric('sallyport_store_faults_total{store="postgres"}')) > 0)
    await server.start()
    await until(async () => (await call()).status === 200)
    assert.equal(await metric('sallyport_store_up{store="postgres"}'), '1')
    await until(async () => (await recorded(200)) > before)
    await until(async () => (await recorded(503)) > 0)
    assert.equal(await metric('sallyport_events_lost_total{reason="sink-failed"}'), undefined)
  })

  it('held still: the same, though its connections stand', async () => {
    server.pause()
    try {
      await until(async () => (await call()).status === 503, 8_000)
    } finally {
      server.resume()
    }
    await until(async () => (await call()).status === 200)
  })
})
