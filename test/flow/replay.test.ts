import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PromotionReply } from '../../src/admin/contract.ts'
import type { ReplayReport } from '../../src/app/replay/replay.ts'
import { type RunningGateway, startGateway } from './running-gateway.ts'
import { command } from './sallyport.ts'
import { thingsContract } from './things-contract.ts'

/** Calls of a running gateway, judged again by changed policies from the command line. */
describe('sallyport replay', { timeout: 100_000 }, () => {
  let gateway: RunningGateway
  before(async () => {
    gateway = await startGateway({
      contract: thingsContract,
      durable: 'sqlite:state.db',
      events: 'store',
      api: '    controls: { injection: observe }\n',
    })
    const reader = await gateway.token({ sub: 'ann', scope: 'things:read' })
    const writer = await gateway.token({ sub: 'ben', scope: 'things:read things:write' })
    const get = (path: string, token?: string, init: RequestInit = {}): Promise<Response> =>
      fetch(gateway.url + path, {
        ...init,
        headers: { ...init.headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) },
      })
    for (let i = 0; i < 6; i++) await get('/things/1', reader)
    for (const path of ['/things/ann', '/things/ben', '/things/1']) await get(path, writer)
    await get('/things/1')
    await get('/nothing', reader)
    await get('/things/1', reader, { method: 'DELETE' })
    await get("/things/x'%20OR%201=1%20--", reader)
    for (let tries = 0; tries < 200; tries++) {
      const page = await (await fetch(`${gateway.adminUrl}/api/v1/events?limit=100`)).text()
      if ((JSON.parse(page) as { events: unknown[] }).events.length >= 13) return
      await sleep(50)
    }
    assert.fail('the events never came')
  })
  after(() => gateway?.close())

  /** A second configuration beside the first, with one text replaced. */
  const changed = (name: string, from: RegExp | string, to: string): string => {
    const text = readFileSync(join(gateway.folder, 'sallyport.yaml'), 'utf8')
    const other = text.replace(from, to)
    assert.notEqual(other, text)
    writeFileSync(join(gateway.folder, name), other)
    return join(gateway.folder, name)
  }
  const ask = async (...args: string[]): Promise<ReplayReport> => {
    const ran = await command(gateway.folder, 'replay', '--format', 'json', ...args)
    assert.equal(ran.code, 0, ran.err)
    return JSON.parse(ran.out) as ReplayReport
  }

  it('the same policy decides the same', async () => {
    const report = await ask()
    assert.equal(report.calls, 13)
    assert.deepEqual(report.changed, [])
    assert.equal(report.same + report.unknown.reduce((sum, { count }) => sum + count, 0), 13)
    assert.ok(report.same >= 12, JSON.stringify(report))
  })

  it('an object rule refuses foreign ids, by caller; --fail-on-refused says so', async () => {
    const file = changed(
      'objects.yaml',
      '    controls:',
      '    objects: { thing: { id: path.thingId, owner: path.thingId } }\n    controls:',
    )
    const { changed: rows } = await ask('--config', file)
    const refused = rows.filter(
      ({ code }: { code?: string } & (typeof rows)[number]) => code === undefined && true,
    )
    assert.ok(refused.length > 0)
    for (const { caller, before: was, after: is, check } of rows) {
      assert.deepEqual([was, is, check], ['pass', 'AUTHORIZE_OBJECT', 'authorize.object'])
      assert.match(caller, /^(?:ann|ben) \(/)
    }
    const counts = Object.fromEntries(
      rows.map(({ caller, operation, count }) => [`${caller.split(' ')[0]} ${operation}`, count]),
    )
    assert.equal(counts['ben readThing'], 2)
    assert.equal(counts['ann readThing'], 7)
    const failing = await command(gateway.folder, 'replay', '--config', file, '--fail-on-refused')
    assert.equal(failing.code, 1)
    assert.match(failing.out, /9 calls that passed would be refused/)
  })

  it('a scope that the contract asks for anew, a limit, an operation that is gone', async () => {
    const contract = readFileSync(join(gateway.folder, 'contract.yaml'), 'utf8')
    writeFileSync(
      join(gateway.folder, 'scoped.yaml'),
      contract.replace('bearer: [things:read]', 'bearer: [things:write]'),
    )
    const scoped = await ask('--config', changed('scoped-gate.yaml', 'contract.yaml', 'scoped.yaml'))
    assert.deepEqual(
      scoped.changed.map(({ caller, after: is, count }) => [caller.split(' ')[0], is, count]),
      [['ann', 'AUTHORIZE_SCOPE', 7]],
    )
    const limited = await ask(
      '--config',
      changed(
        'limited.yaml',
        '    controls:',
        '    limits: [{ for: readThing, per: caller, rate: 4/min }]\n    controls:',
      ),
    )
    assert.deepEqual(
      limited.changed.map(({ caller, after: is, count }) => [caller.split(' ')[0], is, count]),
      [['ann', 'LIMIT_RATE', 3]],
    )
    writeFileSync(
      join(gateway.folder, 'moved.yaml'),
      contract.replace('/things/{thingId}:', '/items/{thingId}:'),
    )
    const gone = await ask('--config', changed('moved-gate.yaml', 'contract.yaml', 'moved.yaml'))
    assert.ok(gone.changed.every(({ after: is }) => is === 'MATCH_NO_OPERATION'))
    assert.ok(gone.changed.reduce((sum, { count }) => sum + count, 0) >= 10)
    const back = await ask('--against', join(gateway.folder, 'moved-gate.yaml'))
    assert.ok(back.changed.some(({ after: is }) => is === 'pass'))
  })

  it('callers of an issuer that is no longer accepted would not be known; who comes without a credential neither', async () => {
    const file = changed('issuers.yaml', '    controls:', '    security: { bearer: [other] }\n    controls:')
    const text = readFileSync(file, 'utf8')
    writeFileSync(
      file,
      text.replace(
        'issuers:\n',
        'issuers:\n  other: { issuer: https://other.example.test, audience: a, algorithms: [ES256], keys: { jwks: jwks.json } }\n',
      ),
    )
    const { changed: rows } = await ask('--config', file)
    assert.ok(rows.length >= 2)
    for (const { before: was, after: is } of rows) if (was === 'pass') assert.equal(is, 'IDENTIFY_REQUIRED')
    assert.equal(
      rows.filter(({ before: was }) => was === 'pass').reduce((sum, { count }) => sum + count, 0),
      10,
    )
  })

  it('what no event holds cannot be told, and is said', async () => {
    const file = changed(
      'functions.yaml',
      '    controls:',
      "    functions: [{ for: readThing, allow: \"header['x-team'] == 'a'\" }]\n    controls:",
    )
    const { unknown } = await ask('--config', file)
    assert.ok((unknown.find(({ why }) => why === 'header')?.count ?? 0) >= 9, JSON.stringify(unknown))
  })

  it('advice on what only watches names the evidence', async () => {
    const ran = await command(gateway.folder, 'replay', '--promotion', '--format', 'json')
    assert.equal(ran.code, 0, ran.err)
    const advice = JSON.parse(ran.out) as readonly PromotionReply[]
    const injection = advice.find(({ check }) => check === 'inspect.injection')
    assert.equal(injection?.advice, 'watch')
    assert.equal(injection.wouldRefuse, 1)
    assert.match(injection.because, /too few to tell/)
  })

  it('wrong options are told', async () => {
    for (const args of [['more'], ['--since', 'yesterday'], ['--format', 'xml']]) {
      const ran = await command(gateway.folder, 'replay', ...args)
      assert.equal(ran.code, 2, ran.out)
    }
  })
})
