import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { InventoryReply } from '../../src/admin/contract.ts'
import { createWorkersApp } from '../../src/app/workers/create-workers-app.ts'
import { freePort } from '../support/free-port.ts'
import { type RunningGateway, startGateway } from './running-gateway.ts'
import { thingsContract } from './things-contract.ts'
import { call, many } from './workers-gateway.ts'

/** What several threads see is one truth: inventory, metrics in both formats, and whom findings hold. */

describe('what two workers see', () => {
  let gateway: RunningGateway

  before(async () => {
    gateway = await startGateway({
      contract: thingsContract,
      durable: 'sqlite:state.db',
      listen: `[{ address: 127.0.0.1:${await freePort()} }]`,
      top: 'workers: 2\nanomalies: { revoke: { object-enumeration: 10min } }',
      api: '    objects: { profile: { id: path.userId, owner: path.userId } }',
      start: createWorkersApp,
    })
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
})
