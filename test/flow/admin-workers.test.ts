import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { BlockReply, ClientsReply, OverviewReply } from '../../src/admin/contract.ts'
import { createWorkersApp } from '../../src/app/workers/create-workers-app.ts'
import { type AdminBrowser, signInAdmin } from '../support/admin-client.ts'
import { freePort } from '../support/free-port.ts'
import { type RunningGateway, startGateway } from './running-gateway.ts'
import { thingsContract } from './things-contract.ts'

/** The admin API of a gateway whose calls several threads serve: it sees and stops the calls of all. */
let gateway: RunningGateway
let admin: AdminBrowser

before(async () => {
  const port = await freePort()
  gateway = await startGateway({
    contract: thingsContract,
    durable: 'sqlite:state.db',
    listen: `[{ address: 127.0.0.1:${port} }]`,
    top: `workers: 2
trustedProxies: [127.0.0.1]
authority: { issuer: "http://127.0.0.1:${port}/auth", dpopNonce: 'off' }`,
    start: createWorkersApp,
  })
  const [, token = ''] = /#setup=([\w-]+)/.exec(gateway.app.notes.join('\n')) ?? []
  admin = await signInAdmin(gateway.adminUrl, { kind: 'setup', token })
})
after(() => gateway.close())

/** On connections of their own, so that both threads get some. */
async function statuses(from: string): Promise<Set<number>> {
  const all = await Promise.all(
    Array.from({ length: 30 }, async () => {
      const response = await fetch(`${gateway.url}/nowhere`, {
        headers: { 'x-forwarded-for': from, connection: 'close' },
      })
      await response.arrayBuffer()
      return response.status
    }),
  )
  return new Set(all)
}

test('a block by hand holds in every thread, and so does its end', async () => {
  assert.deepEqual(await statuses('203.0.113.1'), new Set([404]))
  const sent = { kind: 'address', value: '203.0.113.1', minutes: 5, reason: 'a test' }
  const made = (await admin.send('POST', '/api/v1/blocks', sent)).json<BlockReply>()
  assert.deepEqual(await statuses('203.0.113.1'), new Set([429]))
  assert.deepEqual(await statuses('203.0.113.2'), new Set([404]))
  assert.equal((await admin.send('DELETE', `/api/v1/blocks/${made.id}`)).status, 200)
  assert.deepEqual(await statuses('203.0.113.1'), new Set([404]))
})

test('the overview counts the calls of all threads; clients of the embedded server are there', async () => {
  let calls = 0
  for (let tries = 0; tries < 60 && calls < 120; tries++) {
    const { buckets } = (await admin.get('/api/v1/overview')).json<OverviewReply>()
    calls = buckets.reduce((sum, { allowed, denied }) => sum + allowed + denied, 0)
    await wait(50)
  }
  assert.equal(calls, 120)
  assert.equal((await admin.get('/api/v1/clients')).json<ClientsReply>().items.length, 0)
  assert.equal((await admin.get('/api/v1/accounts')).status, 200)
})
