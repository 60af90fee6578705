import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createWorkersApp, type WorkersApp } from '../../src/app/workers/create-workers-app.ts'
import { migratesConnections } from '../../src/app/workers/migrates-connections.ts'
import { type RunningGateway, startGateway } from './running-gateway.ts'
import { answerBookings, call, many, passed, until, workersApi, workersContract } from './workers-gateway.ts'

/** A worker that dies is replaced; the others go on meanwhile. */

const failing = new URL('./children/failing-worker.ts', import.meta.url)

describe('a worker that dies', () => {
  let gateway: RunningGateway
  let app: WorkersApp
  let bearer: Record<string, string>
  let sick: string

  before(async () => {
    gateway = await startGateway({
      contract: workersContract,
      api: workersApi,
      top: 'workers: 2',
      start: (loaded) => createWorkersApp(loaded, failing),
    })
    sick = join(gateway.folder, 'sick')
    process.env['SALLYPORT_TEST_SICK'] = sick
    app = gateway.app as WorkersApp
    bearer = { authorization: `Bearer ${await gateway.token({ sub: 'one' })}` }
    answerBookings(gateway)
  })
  after(() => {
    delete process.env['SALLYPORT_TEST_SICK']
    return gateway.close()
  })

  /** Calls on new connections, so many at once, while `meanwhile` happens; what came of them. */
  async function callsDuring(meanwhile: () => Promise<unknown>, atOnce: number) {
    let going = true
    const done = { good: 0, bad: 0, cut: 0 }
    const load = Promise.all(
      Array.from({ length: atOnce }, async () => {
        for (; going; await sleep(atOnce > 4 ? 0 : 10))
          await call(`${gateway.url}/any`, bearer).then(
            ({ status }) => (status === 200 ? done.good++ : done.bad++),
            () => done.cut++,
          )
      }),
    )
    try {
      await sleep(100)
      await meanwhile()
      await sleep(100)
    } finally {
      going = false
      await load
    }
    return done
  }
  const two = (before: readonly unknown[]) => (): boolean =>
    app.threads.length === 2 && app.threads.some((thread) => !before.includes(thread))
  const tell = (who: number | undefined, what: 'throw' | 'exit'): void => {
    const channel = new BroadcastChannel('sallyport-test')
    channel.postMessage({ who, what })
    channel.close()
  }

  // Of four callers each can have had one call there. One that throws lets its calls end, under any load; what comes in between
  // its last look and its end is reset where the kernel does not give it to the other.
  const atTheEnd = migratesConnections() ? 0 : 6
  for (const [how, atOnce, mostCut, kill] of [
    ['terminated', 4, 4, () => app.threads[0]?.terminate()],
    ['exits', 4, 4, () => tell(app.threads[0]?.threadId, 'exit')],
    ['throws', 24, atTheEnd, () => tell(app.threads[0]?.threadId, 'throw')],
  ] as const)
    it(`${how}: another takes its place, and calls go on`, async (t) => {
      const before = app.threads
      const done = await callsDuring(async () => {
        await kill()
        await until(two(before), 'two serve again')
      }, atOnce)
      t.diagnostic(JSON.stringify(done))
      assert.equal(done.bad, 0, 'no call is answered wrongly')
      assert.ok(done.good > 20)
      assert.ok(done.cut <= mostCut, `${done.cut} calls were cut`)
      assert.equal(passed(await many(40, () => call(`${gateway.url}/any`, bearer))), 40)
    })

  it('what it had counted still counts, its places are free, its metrics are kept', async () => {
    const counted = passed(await many(60, () => call(`${gateway.url}/rate`, bearer)))
    assert.equal(counted, 30)
    const open = Array.from({ length: 3 }, () =>
      call(`${gateway.url}/slow`, bearer).then(
        ({ status }) => status,
        () => 0,
      ),
    )
    await sleep(100)
    const before = app.threads
    await Promise.all(before.map((thread) => thread.terminate()))
    await until(
      () => app.threads.length === 2 && !app.threads.some((one) => before.includes(one)),
      'both are new',
    )
    await Promise.all(open)
    assert.equal((await call(`${gateway.url}/rate`, bearer)).status, 429)
    assert.equal((await call(`${gateway.url}/slow`, bearer)).status, 200)
    const text = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
    assert.match(text, /sallyport_worker_deaths_total [4-9]\n/)
  })

  it('again and again as it begins: tried less and less often, and the other goes on', async () => {
    writeFileSync(sick, '')
    await app.threads[0]?.terminate()
    await sleep(1_500)
    assert.equal(app.threads.length, 1)
    assert.equal(passed(await many(10, () => call(`${gateway.url}/any`, bearer))), 10)
    const text = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
    const deaths = Number(/sallyport_worker_deaths_total (\d+)/.exec(text)?.[1])
    assert.ok(deaths < 20, `${deaths} deaths`)
    rmSync(sick)
    await until(() => app.threads.length === 2, 'it is tried again')
  })
})
