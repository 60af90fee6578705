import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { start as startExpress } from '../../examples/in-process/express.ts'
import { start as startFastify } from '../../examples/in-process/fastify.ts'
import { start as startHono } from '../../examples/in-process/hono.ts'
import { type RunningGateway, startGateway } from './running-gateway.ts'
import { thingsContract } from './things-contract.ts'

let files: RunningGateway
let authorization: string
before(async () => {
  // The files and the issuer of a gateway; the applications open gates of their own on them.
  files = await startGateway({
    contract: thingsContract,
    api: `    objects: { profile: { id: path.userId, owner: path.userId } }
    limits: [{ for: writeThing, per: caller, rate: 2/min, burst: 2 }]`,
  })
  authorization = `Bearer ${await files.token()}`
})
after(() => files.close())

for (const [name, start] of [
  ['Express', startExpress],
  ['Fastify', startFastify],
  ['Hono', startHono],
] as const)
  describe(`in process with ${name}`, () => {
    let url: string
    let close: () => Promise<void>
    before(async () => {
      const running = await start(join(files.folder, 'sallyport.yaml'), 0)
      if (!running.server.listening) await once(running.server, 'listening')
      url = `http://127.0.0.1:${(running.server.address() as AddressInfo).port}`
      close = async () => {
        running.server.close()
        running.server.closeAllConnections()
        await running.close()
      }
    })
    after(() => close())

    test('a handler gets the principal and what was judged', async () => {
      const read = await fetch(`${url}/users/123/profile`, { headers: { authorization } })
      assert.deepEqual([read.status, await read.json()], [200, { id: '123', name: 'profile of 123' }])
      const written = await fetch(`${url}/things/7`, {
        method: 'PUT',
        headers: { authorization, 'content-type': 'application/json' },
        body: '{"name":"lamp"}',
      })
      assert.deepEqual([written.status, await written.json()], [200, { id: '7', name: 'lamp' }])
    })

    test('refused calls never reach a handler, and are answered as the gateway answers', async () => {
      const json = { authorization, 'content-type': 'application/json' }
      const cases: [string, RequestInit, number, string][] = [
        ['/users/123/profile', {}, 401, 'IDENTIFY_REQUIRED'],
        ['/users/124/profile', { headers: { authorization } }, 403, 'AUTHORIZE_OBJECT'],
        ['/things/7', { method: 'PUT', headers: json, body: '{"name":1}' }, 400, 'INSPECT_SCHEMA'],
        ['/things/7', { method: 'PUT', headers: json, body: '{"name":"a","name":"b"}' }, 429, 'LIMIT_RATE'],
        ['/nowhere', { headers: { authorization } }, 404, 'MATCH_NO_OPERATION'],
        ['/things//7', { headers: { authorization } }, 400, 'LISTEN_PATH_AMBIGUOUS'],
      ]
      for (const [path, init, status, code] of cases) {
        const reply = await fetch(url + path, init)
        const problem = (await reply.json()) as { code: string }
        assert.deepEqual([reply.status, problem.code], [status, code], path)
        assert.equal(reply.headers.get('content-type'), 'application/problem+json')
      }
    })
  })
