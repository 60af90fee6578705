import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it, mock } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose'
import type { InventoryReply } from '../../src/admin/contract.ts'
import { createApp } from '../../src/app/app.ts'
import { createWorkersApp } from '../../src/app/workers/create-workers-app.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { freePort } from '../support/free-port.ts'
import { type RunningGateway, startGateway } from './running-gateway.ts'
import { command } from './sallyport.ts'
import { thingsContract } from './things-contract.ts'
import { call, many } from './workers-gateway.ts'

/** What several threads see is one truth: inventory, metrics in both formats, and whom findings hold. */

describe('what two workers see', () => {
  let gateway: RunningGateway

  /** What is done every half minute, to be done at once. */
  const everyHalfMinute: (() => void)[] = []

  before(async () => {
    const { setInterval: real } = globalThis
    mock.method(globalThis, 'setInterval', (work: () => void, ms: number) => {
      if (ms === 30_000) everyHalfMinute.push(work)
      return real(work, ms)
    })
    gateway = await startGateway({
      contract: thingsContract,
      durable: 'sqlite:state.db',
      listen: `[{ address: 127.0.0.1:${await freePort()} }]`,
      top: 'workers: 2\nanomalies: { revoke: { object-enumeration: 10min } }',
      api: '    objects: { profile: { id: path.userId, owner: path.userId } }',
      start: createWorkersApp,
    })
    mock.restoreAll()
  })
  after(() => gateway.close())

  async function until(holds: () => Promise<boolean>): Promise<void> {
    for (let tries = 0; tries < 200; tries++) {
      if (await holds()) return
      await sleep(50)
    }
    assert.fail('it did not happen')
  }

  it('the inventory adds up', async () => {
    await many(60, () => call(`${gateway.url}/public`, {}))
    await call(`${gateway.url}/undeclared/12`, {})
    await until(async () => {
      const reply = await fetch(`${gateway.adminUrl}/api/v1/inventory`)
      const { operations, shadow } = (await reply.json()) as InventoryReply
      return operations.find(({ id }) => id === 'readPublic')?.calls === 60 && shadow.length === 1
    })
  })

  it('metrics add up in both formats, and there is one gateway', async () => {
    for (const accept of ['text/plain', 'application/openmetrics-text']) {
      const text = await (await fetch(`${gateway.adminUrl}/metrics`, { headers: { accept } })).text()
      assert.match(text, /^sallyport_operation_calls_total\{[^}]*template="\/public"\} 60$/m)
      assert.deepEqual(text.match(/^sallyport_build_info\{.*$/gm)?.length, 1)
      assert.match(text, /^sallyport_build_info\{version="\d[^"]*",node="[\d.]+"\} 1$/m)
    }
  })

  it('a caller whom a finding revokes is refused by both', async () => {
    const bearer = { authorization: `Bearer ${await gateway.token({ sub: '7' })}` }
    for (let n = 0; n < 12; n++) await call(`${gateway.url}/users/other-${n}/profile`, bearer)
    const own = `${gateway.url}/users/7/profile`
    await until(async () => (await many(10, () => call(own, bearer))).every(({ status }) => status === 401))
  })

  it('what the upstream is told is signed with one key: of both, of another gateway, and of the next', async () => {
    const identities = async (): Promise<string[]> => {
      gateway.upstream.seen.length = 0
      for (let n = 0; n < 8; n++) {
        const sub = `signed-${n}-${Math.random()}`
        await call(`${gateway.url}/users/${sub}/profile`, {
          authorization: `Bearer ${await gateway.token({ sub })}`,
        })
      }
      return gateway.upstream.seen.map(({ headers }) => String(headers['sallyport-identity']))
    }
    const jwksOf = async (url: string): Promise<JSONWebKeySet> => {
      const headers = { connection: 'close' }
      const reply = await fetch(`${url}/.well-known/sallyport/jwks.json`, { headers })
      return (await reply.json()) as JSONWebKeySet
    }
    // The kernel chooses a worker for each connection.
    const places = [gateway.adminUrl, ...Array.from({ length: 10 }, () => gateway.url)]
    const told = await identities()
    assert.equal(told.length, 8)
    const verify = async (url: string, tokens: readonly string[]): Promise<void> => {
      const keys = createLocalJWKSet(await jwksOf(url))
      for (const token of tokens) await jwtVerify(token, keys, { audience: 'things' })
    }
    for (const url of places) await verify(url, told)

    const { keys: before } = await jwksOf(gateway.adminUrl)
    const rotated = await command(gateway.folder, 'identity', 'rotate-keys', '--json')
    assert.equal(rotated.code, 0, rotated.err)
    const { next, published } = JSON.parse(rotated.out) as { next: string; published: string[] }
    assert.deepEqual(
      published,
      before.map(({ kid }) => kid),
    )
    for (const work of everyHalfMinute) work()
    await until(async () => {
      const sets = await Promise.all(places.map(jwksOf))
      return sets.every(({ keys }) => keys[0]?.kid === next)
    })
    for (const token of await identities())
      assert.equal(
        decodeProtectedHeader(token).kid,
        published[0],
        'the next key is published before it signs',
      )

    const file = join(gateway.folder, 'another.yaml')
    const text = readFileSync(join(gateway.folder, 'sallyport.yaml'), 'utf8')
    writeFileSync(
      file,
      text.replace(/^listen: .*/m, 'listen: [{ address: 127.0.0.1:0 }]').replace('workers: 2', ''),
    )
    const another = await createApp(await loadConfig(file, process.env))
    try {
      for (const { url } of another.addresses) await verify(url, told)
    } finally {
      await another.close(0)
    }
  })
})
