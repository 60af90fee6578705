import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import { after, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { EventsReply } from '../../src/admin/contract.ts'
import { freePort } from '../support/free-port.ts'
import { startGateway } from './running-gateway.ts'
import { thingsContract } from './things-contract.ts'

const full = existsSync('/dev/full')
const names = ['syslog', 'webhook', 'otlp', ...(full ? ['file'] : [])] as const

test('every sink is dead, its disk full: calls go on, the store has all, each loss is counted; what comes back is used', async (t) => {
  if (!full) t.diagnostic('this system has no /dev/full: the file sink is left out')
  const port = await freePort()
  const bounds = 'queue: 4, batch: 2'
  const gateway = await startGateway({
    contract: thingsContract,
    top: `audit:
  sinks:
    - { kind: syslog, url: "tcp://127.0.0.1:${await freePort()}", ${bounds} }
    - { kind: webhook, url: "http://127.0.0.1:${await freePort()}/", ${bounds} }
    - { kind: otlp, url: "http://127.0.0.1:${port}/v1/logs", ${bounds} }
${full ? `    - { kind: file, file: /dev/full, ${bounds} }\n` : ''}`,
  })
  after(() => gateway.close())

  const metrics = async (): Promise<string> => (await fetch(`${gateway.adminUrl}/metrics`)).text()
  async function until(holds: (text: string) => boolean, what: string): Promise<void> {
    for (let tries = 0; tries < 200; tries++) {
      if (holds(await metrics())) return
      await wait(50)
    }
    assert.fail(`it did not happen: ${what}`)
  }
  const lost = (text: string, sink: string): number =>
    [...text.matchAll(/^sallyport_sink_events_lost_total\{sink="([^"]+)",reason="[^"]+"\} (\d+)$/gm)]
      .filter(([, name]) => name === sink)
      .reduce((sum, [, , count]) => sum + Number(count), 0)
  const works = (text: string, sink: string): boolean =>
    text.includes(`sallyport_sink_up{sink="${sink}"} 1\n`)

  let calls = 0
  async function call(): Promise<void> {
    const response = await fetch(`${gateway.url}/public`)
    await response.arrayBuffer()
    assert.equal(response.status, 200)
    calls++
  }
  const began = performance.now()
  for (let n = 0; n < 20; n++) await call()
  assert.ok(performance.now() - began < 10_000, 'no call waits for a sink')
  await until((text) => names.every((name) => lost(text, name) > 0 && !works(text, name)), 'each counted')
  const text = await metrics()
  assert.ok(works(text, 'store'))
  assert.equal(lost(text, 'store'), 0)
  for (const name of names) assert.ok(lost(text, name) <= calls, `${name}: none is counted twice`)
  const reply = await fetch(`${gateway.adminUrl}/api/v1/events?operation=readPublic&api=things&limit=500`)
  assert.equal(((await reply.json()) as EventsReply).events.length, calls)

  let taken = 0
  const collector = createServer((request, response) => {
    request.resume().on('end', () => {
      taken++
      response.setHeader('content-type', 'application/json').end('{}')
    })
  })
  await new Promise<void>((resolve) => collector.listen(port, '127.0.0.1', resolve))
  after(() => {
    collector.close()
    collector.closeAllConnections()
  })
  await until((now) => works(now, 'otlp'), 'the collector is used again')
  await call()
  await until((now) => works(now, 'otlp') && taken >= 2, 'and gets what is new')
})
