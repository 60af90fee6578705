import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { type RunningGateway, startGateway } from './running-gateway.ts'
import { thingsContract } from './things-contract.ts'

interface Finding {
  readonly kind: string
  readonly subject: { readonly kind: string; readonly key: string }
  readonly summary: string
  readonly events: readonly string[]
}

let gateway: RunningGateway
const alerts: { signature: string; body: string }[] = []
const secret = 'a-secret-of-more-than-32-bytes-0123456789'
const hook = createServer((request, response) => {
  let body = ''
  request.on('data', (chunk) => {
    body += chunk
  })
  request.on('end', () => {
    alerts.push({ signature: String(request.headers['sallyport-signature']), body })
    response.setHeader('content-type', 'application/json')
    response.end('{}')
  })
})

before(async () => {
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve))
  process.env['ANOMALY_SECRET'] = secret
  gateway = await startGateway({
    contract: thingsContract,
    durable: 'sqlite:events.db',
    top: `trustedProxies: [127.0.0.1]
anomalies:
  block: { endpoint-spray: 1min, object-enumeration: 2min }
  webhook: { url: "http://127.0.0.1:${(hook.address() as AddressInfo).port}/alerts", secret: "\${ANOMALY_SECRET}" }`,
    api: '    objects: { profile: { id: path.userId, owner: path.userId } }',
  })
})
after(async () => {
  await gateway.close()
  hook.close()
  hook.closeAllConnections()
})

async function findings(kind: string): Promise<Finding[]> {
  for (let tries = 0; tries < 40; tries++) {
    const reply = await fetch(`${gateway.adminUrl}/api/v1/findings?kind=${kind}`)
    const { findings: found } = (await reply.json()) as { findings: Finding[] }
    if (found.length > 0) return found
    await wait(50)
  }
  return []
}
const call = async (path: string, from: string, token?: string): Promise<number> => {
  const response = await fetch(gateway.url + path, {
    headers: { 'x-forwarded-for': from, ...(token !== undefined && { authorization: `Bearer ${token}` }) },
  })
  await response.arrayBuffer()
  return response.status
}

describe('patterns of calls', () => {
  test('many endpoints that do not exist: found, said, and the address refused for a time', async () => {
    for (let n = 0; n < 14; n++) assert.equal(await call(`/admin/${n}`, '203.0.113.5'), 404)
    const [finding] = await findings('endpoint-spray')
    assert.deepEqual(finding?.subject, { kind: 'address', key: '203.0.113.5' })
    assert.match(finding?.summary ?? '', /^asked for \d+ endpoints that do not exist/)
    assert.ok((finding?.events.length ?? 0) > 5)
    assert.equal(await call('/public', '203.0.113.5'), 429)
    assert.equal(await call('/public', '203.0.113.6'), 200)
    const { blocks } = (await (await fetch(`${gateway.adminUrl}/api/v1/blocks`)).json()) as {
      blocks: object[]
    }
    assert.equal(blocks.length, 1)
  })

  test('one object after the other that is not its own: the caller is refused wherever it comes from', async () => {
    const token = await gateway.token({ sub: '77' })
    for (let n = 0; n < 10; n++)
      assert.equal(await call(`/users/${1000 + n}/profile`, '198.51.100.7', token), 403)
    const [finding] = await findings('object-enumeration')
    assert.deepEqual(finding?.subject, { kind: 'principal', key: 'main/77' })
    assert.equal(await call('/users/77/profile', '192.0.2.1', await gateway.token({ sub: '77' })), 429)
    assert.equal(await call('/users/78/profile', '198.51.100.7', await gateway.token({ sub: '78' })), 200)
  })

  test('findings are on record, in the metrics, and sent signed', async () => {
    await wait(400)
    const { events } = (await (
      await fetch(`${gateway.adminUrl}/api/v1/events?api=sallyport&operation=finding.endpoint-spray`)
    ).json()) as { events: { reason: string; address: string }[] }
    assert.equal(events[0]?.address, '203.0.113.5')
    const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
    assert.match(metrics, /sallyport_findings_total\{kind="endpoint-spray"\} 1/)
    const alert = alerts.find(({ body }) => body.includes('endpoint-spray'))
    const [, time, digest] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(alert?.signature ?? '') ?? []
    assert.equal(digest, createHmac('sha256', secret).update(`${time}.${alert?.body}`).digest('hex'))
    assert.match((JSON.parse(alert?.body ?? '{}') as { text: string }).text, /^Sallyport: asked for/)
  })

  test('a hostile path or address is nowhere in a finding', async () => {
    for (let n = 0; n < 14; n++) await call(`/%3Cscript%3E${n}`, '203.0.113.9')
    const all = await fetch(`${gateway.adminUrl}/api/v1/findings?limit=500`)
    assert.doesNotMatch(await all.text(), /script/)
  })
})
