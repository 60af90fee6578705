import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createWorkersApp, type WorkersApp } from '../../src/app/workers/create-workers-app.ts'
import { createProver } from '../rfc/dpop-fixture.ts'
import { freePort } from '../support/free-port.ts'
import { type RunningGateway, startGateway } from './running-gateway.ts'
import { command } from './sallyport.ts'
import {
  type Answer,
  answerBookings,
  call,
  many,
  passed,
  until,
  workersApi,
  workersContract,
} from './workers-gateway.ts'

/** `workers: 2` as callers see it: two threads on one port, and one truth. */

describe('two workers', () => {
  let gateway: RunningGateway
  let app: WorkersApp
  let bearer: Record<string, string>
  let origin: string
  let sent = 0
  const at = (path: string, headers = bearer): Promise<Answer> => {
    sent++
    return call(`${gateway.url}${path}`, headers)
  }

  before(async () => {
    const port = await freePort()
    origin = `http://127.0.0.1:${port}`
    gateway = await startGateway({
      contract: workersContract,
      api: workersApi,
      durable: 'sqlite:state.db',
      events: 'events.jsonl',
      listen: `[{ address: 127.0.0.1:${port} }]`,
      top: `workers: 2\nauthority: { issuer: ${origin}/auth, dpopNonce: 'off' }`,
      start: createWorkersApp,
    })
    app = gateway.app as WorkersApp
    bearer = { authorization: `Bearer ${await gateway.token({ sub: 'one' })}` }
    answerBookings(gateway)
  })
  after(() => gateway.close())

  it('both serve', async () => {
    assert.equal(app.threads.length, 2)
    assert.equal(passed(await many(200, () => at('/any'))), 200)
    const shares = app.threads.map((thread) => thread.performance.eventLoopUtilization().active)
    const text = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
    assert.match(text, /sallyport_requests_total\{api="things",operation="any",[^}]*code=""\} 200\n/)
    assert.match(text, /sallyport_workers 2\n/)
    assert.ok(
      shares.every((active) => active > 0),
      String(shares),
    )
  })

  for (const path of ['/rate', '/window', '/day'])
    it(`${path}: of 200 calls at once exactly 30 pass, over both`, async () => {
      const answers = await many(200, () => at(path), 32)
      assert.equal(passed(answers), 30)
      assert.ok(answers.every(({ status }) => status === 200 || status === 429))
    })

  it('never more than three calls of a caller at once, over both', async () => {
    let inside = 0
    let most = 0
    gateway.upstream.answer = (_seen, response) => {
      inside++
      most = Math.max(most, inside)
      setTimeout(() => {
        inside--
        response.setHeader('content-type', 'application/json')
        response.end('[]')
      }, 30)
    }
    const answers = await many(60, () => at('/slow'), 20)
    answerBookings(gateway)
    assert.equal(most, 3)
    assert.ok(passed(answers) >= 3)
    assert.equal((await at('/slow')).status, 200, 'places come back')
  })

  it('a proof that one worker has seen is refused by both', async () => {
    const prover = createProver()
    const token = await gateway.token({ sub: 'prover', cnf: { jkt: prover.thumbprint } })
    const proof = prover.proof(token, { claims: { htu: `${gateway.url}/any` } })
    const answers = await many(40, () => at('/any', { authorization: `DPoP ${token}`, dpop: proof }), 20)
    assert.equal(passed(answers), 1)
    assert.equal(answers.filter(({ status }) => status === 401).length, 39)
  })

  it('an object that one worker gave is known to both, and to nobody else', async () => {
    const lister = { authorization: `Bearer ${await gateway.token({ sub: 'lister' })}` }
    assert.equal((await at('/bookings/b1', lister)).status, 403)
    assert.equal((await at('/bookings', lister)).status, 200)
    assert.equal(passed(await many(30, () => at('/bookings/b1', lister))), 30)
    const other = { authorization: `Bearer ${await gateway.token({ sub: 'other' })}` }
    assert.equal(passed(await many(20, () => at('/bookings/b1', other))), 0)
  })

  it('a token of the own server is good in both, and taken back in both at once', async () => {
    const { createClientAdmin } = await import('../../src/app/admin/client-admin.ts')
    const { openState } = await import('../../src/app/state/state.ts')
    const { loadConfig } = await import('../../src/config/load-config.ts')
    const { config } = await loadConfig(join(gateway.folder, 'sallyport.yaml'), process.env)
    const state = await openState(config)
    const { client, secret } = await createClientAdmin(state, config).create({ grants: ['client'] })
    await state.close()
    const post = async (path: string, form: Record<string, string>): Promise<Response> => {
      sent++
      return fetch(`${origin}/auth${path}`, {
        method: 'POST',
        headers: {
          authorization: `Basic ${Buffer.from(`${client.id}:${secret}`).toString('base64')}`,
          connection: 'close',
        },
        body: new URLSearchParams(form),
      })
    }
    for (let round = 0; round < 5; round++) {
      const issued = await post('/token', { grant_type: 'client_credentials' })
      const { access_token: token } = (await issued.json()) as { access_token: string }
      assert.equal(issued.status, 200)
      const own = { authorization: `Bearer ${token}` }
      const good = await many(10, () => at('/any', own), 5)
      assert.equal(passed(good), 10, JSON.stringify(good))
      assert.equal((await post('/revoke', { token })).status, 200)
      // Not one more passes, from the first on.
      assert.equal(passed(await many(10, () => at('/any', own), 5)), 0)
    }
  })

  it('failed sign-ins count over both: the fourth is locked wherever it comes in, and opened in both', async () => {
    const guessers = await Promise.all(
      ['g1', 'g2', 'g3', 'g4', 'g5', 'g6'].map(async (sub) => ({
        authorization: `Bearer ${await gateway.token({ sub })}`,
      })),
    )
    const guess = (headers: Record<string, string>): Promise<Answer> => at('/guess', headers)
    for (const headers of guessers) {
      const statuses = []
      for (let n = 0; n < 6; n++) statuses.push((await guess(headers)).status)
      assert.deepEqual(statuses, [401, 401, 401, 429, 429, 429])
    }
    // All at once: those that came in before the first was answered are judged, no more.
    const flood = { authorization: `Bearer ${await gateway.token({ sub: 'flood' })}` }
    const answers = await many(120, () => guess(flood), 12)
    assert.ok(answers.filter(({ status }) => status === 401).length <= 3 + 11)
    assert.equal((await guess(flood)).code, 'LIMIT_LOCKED')
    const cleared = await command(gateway.folder, 'locks', 'clear', '--all')
    assert.equal(cleared.code, 0, cleared.err)
    const open = async (headers: Record<string, string>): Promise<boolean> =>
      (await guess(headers)).status === 401
    for (const headers of [...guessers, flood]) await until(() => open(headers), 'it is open')
    for (const headers of guessers) {
      const left = [await guess(headers), await guess(headers), await guess(headers)]
      assert.deepEqual(
        left.map(({ status }) => status),
        [401, 401, 429],
      )
    }
  })

  it('a revocation by the command counts in both within a second', async () => {
    const token = { authorization: `Bearer ${await gateway.token({ sub: 'gone', jti: 'gone-1' })}` }
    assert.equal(passed(await many(6, () => at('/any', token), 3)), 6)
    const { code, err } = await command(
      gateway.folder,
      'tokens',
      'revoke',
      '--jti',
      'gone-1',
      '--issuer',
      'main',
      '--lifetime',
      '1h',
    )
    assert.equal(code, 0, err)
    await sleep(1_000)
    assert.equal(passed(await many(20, () => at('/any', token))), 0)
  })

  it('a new policy is in force in both, a broken one in none', async () => {
    const file = join(gateway.folder, 'sallyport.yaml')
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, text.replace('window: 30/h', 'window: 40/h'))
    await gateway.reload()
    assert.equal(passed(await many(60, () => at('/window'))), 10, '30 of 40 are spent')
    writeFileSync(file, text.replace('for: rate', 'for: nothing'))
    await assert.rejects(gateway.reload())
    assert.equal(passed(await many(10, () => at('/any'))), 10)
    writeFileSync(file, text.replace('window: 30/h', 'window: 40/h'))
  })

  it('the chain of the audit log holds every call, of both', async () => {
    const open = at('/slow')
    await sleep(100)
    await app.close(5_000)
    assert.equal((await open).status, 200, 'a call under way ends')
    assert.equal(app.threads.length, 0)
    const args = ['verify', '--format', 'json', '--file', join(gateway.folder, 'events.jsonl')]
    const { code, out, err } = await command(gateway.folder, 'log', ...args)
    assert.equal(code, 0, err)
    const report = JSON.parse(out) as { lines: number; bad?: object; runs: { unsigned: number }[] }
    assert.deepEqual([report.bad, report.runs.length, report.runs[0]?.unsigned], [undefined, 1, 0])
    const events = readFileSync(join(gateway.folder, 'events.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { sequence: number; api: string; protocol: string })
    assert.equal(events.filter(({ protocol }) => protocol !== '').length, sent)
    assert.deepEqual(
      events.map(({ sequence }) => sequence),
      events.map((_, n) => n),
    )
  })
})
