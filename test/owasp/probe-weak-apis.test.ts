import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { readContract } from '../../src/contract/load-contract.ts'
import { createTargetClient } from '../../src/outbound/create-target-client.ts'
import type { ProbeReport } from '../../src/probe/probe-report.ts'
import { parseIdentity } from '../../src/probe/read-identities.ts'
import { type Replayed, readFinding, replayFinding } from '../../src/probe/replay-finding.ts'
import { renderProbe } from '../../src/probe/report/render-probe.ts'
import { signIn } from '../../src/probe/sign-in.ts'
import { clinicWeaknesses, startClinic } from '../support/probe-apis/clinic.ts'
import { loadLines } from '../support/probe-apis/load-lines.ts'
import { kindsOf, runSmallProbe, type SmallProbe } from '../support/probe-apis/run-small-probe.ts'
import { type Shop, shopWeaknesses, startShop } from '../support/probe-apis/shop.ts'

// Two APIs of different style, each weak and mended: every planted weakness is found where it is, and nothing where it is not.

const folder = join(import.meta.dirname, '../support/probe-apis')
const safe = /^(?:GET|HEAD|OPTIONS|TRACE) /

const budget = { requests: 6000, seconds: 60, rate: 4000, patience: 1100 }

const planted = (list: readonly (readonly [string, string])[]): string[] =>
  list.map((one) => one.join(' ').trim()).sort()

const linesOf = ({ findings }: ProbeReport): string[] => findings.map(({ policy }) => policy)

async function onShop(
  weak: boolean,
  change: SmallProbe['change'] = {},
): Promise<{ report: ProbeReport; seen: readonly string[] }> {
  const shop = await startShop(weak)
  try {
    const [carla, dario] = shop.customers
    const report = await runSmallProbe({
      contract: join(folder, 'shop.openapi.yaml'),
      target: shop.url,
      identities: [`carla=login:${carla}:correct horse`, `dario=login:${dario}:correct horse`],
      change: { budget, ...change },
    })
    return { report, seen: shop.seen.slice(2) }
  } finally {
    await shop.close()
  }
}

async function onClinic(
  weak: boolean,
  change: SmallProbe['change'] = {},
): Promise<{ report: ProbeReport; keys: readonly string[] }> {
  const clinic = await startClinic(weak)
  try {
    const { north, south, admin } = clinic.keys
    const report = await runSmallProbe({
      contract: join(folder, 'clinic.swagger.json'),
      target: clinic.url,
      identities: [`north=${north}`, `south=${south}`, `admin=${admin}`],
      change: { budget, ...change },
    })
    return { report, keys: [north, south, admin] }
  } finally {
    await clinic.close()
  }
}

describe('a shop: ids that count, snake_case, envelopes, a sign-in that issues JWTs', () => {
  it('weak: every planted weakness, nothing else', async (t) => {
    const { report } = await onShop(true)
    assert.deepEqual(kindsOf(report), planted(shopWeaknesses))
    assert.deepEqual(await loadLines(linesOf(report), join(folder, 'shop.openapi.yaml')), [])
    t.diagnostic(`${report.findings.length} findings, ${report.requests} requests in ${report.seconds} s`)
    // What has a DELETE is gone again; what has none is named.
    assert.ok(report.left.every(({ undo }) => undo === undefined))
    assert.ok(report.left.every(({ type, id }) => type !== '' && id !== ''))
  })

  it('mended: nothing', async (t) => {
    const { report } = await onShop(false)
    assert.deepEqual(kindsOf(report), [])
    assert.equal(report.stopped, undefined)
    t.diagnostic(`${report.requests} requests in ${report.seconds} s`)
  })

  it('without --write only safe methods arrive, and what reading can find is found', async () => {
    const { report, seen } = await onShop(true, { write: false })
    assert.deepEqual(
      seen.filter((one) => !safe.test(one)),
      [],
    )
    const writes = /bola\.(?:write|delete)|bfla\.write|assignment|flow|POST|PATCH/
    assert.deepEqual(
      kindsOf(report),
      planted(shopWeaknesses).filter((one) => !writes.test(one)),
    )
    assert.deepEqual(report.left, [])
    assert.ok(report.untried.some(({ reason }) => reason.includes('--write')))
  })

  it('one finding again: its own requests are sent with fresh credentials, and judged anew', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'probe-replay-')), 'report.json')
    const shops = [await startShop(true), await startShop(false)] as const
    try {
      const contract = readContract({ file: join(folder, 'shop.openapi.yaml'), api: 'api', budgetMs: 0 })
      const probe = (shop: Shop, change: SmallProbe['change']): ReturnType<typeof runSmallProbe> =>
        runSmallProbe({
          contract: join(folder, 'shop.openapi.yaml'),
          target: shop.url,
          identities: shop.customers.map((one, i) => `customer${i}=login:${one}:correct horse`),
          change: { write: false, ...change },
        })
      const report = await probe(shops[0], { only: ['bola', 'auth.alg-none'] })
      writeFileSync(file, renderProbe(report, 'json', { colour: false, version: '0.0.0' }))
      const [forged, read] = report.findings
      assert.deepEqual([forged?.rule, read?.rule], ['auth.alg-none', 'bola.read'])
      const replay = async (shop: Shop, id: string): Promise<readonly [Replayed, number]> => {
        const client = await createTargetClient({ origin: shop.url })
        const people = shop.customers.map((one, i) =>
          parseIdentity(`customer${i}=login:${one}:correct horse`, {}),
        )
        const identities = await signIn(people, { contract, client, prefix: contract.basePath })
        const before = shop.seen.length
        const outcome = await replayFinding(readFinding(file, id), { client, identities, write: false })
        await client.close()
        return [outcome, shop.seen.length - before]
      }
      const id = read?.id ?? ''
      assert.deepEqual(await replay(shops[0], id), ['there', read?.evidence.length])
      assert.deepEqual(await replay(shops[1], id), ['gone', read?.evidence.length])
      // A token that the probe made is not in the report: its check runs again.
      assert.deepEqual(await replay(shops[0], forged?.id ?? ''), ['unfit', 2])
      assert.deepEqual((await probe(shops[1], { only: ['bola'], verify: id })).findings, [])
      assert.throws(() => readFinding(file, 'SP-0000000000'), /has no finding/)
    } finally {
      for (const shop of shops) await shop.close()
      rmSync(join(file, '..'), { recursive: true })
    }
  })

  it('the same seed finds the same with the same requests', async () => {
    const runs = [await onShop(true, { write: false }), await onShop(true, { write: false })]
    const [one, two] = runs.map(({ report }) =>
      report.findings.map(({ id, evidence }) => [
        id,
        evidence.map(({ path }) => path.replaceAll(/127\.[\d.%A]+:\d+/g, '').replaceAll(/%3A\d{4,5}/g, '')),
      ]),
    )
    assert.deepEqual(one, two)
  })
})

describe('a clinic: UUIDs, camelCase, API keys, reads by POST, 200 for refusals', () => {
  it('weak: every planted weakness, nothing else; reports hold no key and nothing that a page would act upon', async (t) => {
    const { report, keys } = await onClinic(true)
    assert.deepEqual(kindsOf(report), planted(clinicWeaknesses))
    assert.deepEqual(await loadLines(linesOf(report), join(folder, 'clinic.swagger.json')), [])
    t.diagnostic(`${report.findings.length} findings, ${report.requests} requests in ${report.seconds} s`)
    assert.deepEqual(report.left, [])
    for (const format of ['text', 'json', 'sarif', 'junit', 'markdown'] as const) {
      const text = renderProbe(report, format, { colour: false, version: '0.0.0' })
      for (const key of keys) assert.ok(!text.includes(key), `${format} shows a key`)
    }
    const json = JSON.parse(renderProbe(report, 'json', { colour: false, version: '0.0.0' })) as {
      findings: { policy: string; evidence: { curl: string }[]; confidence: string }[]
    }
    assert.ok(json.findings.every(({ policy, evidence }) => policy !== '' && evidence.length > 0))
    assert.ok(
      json.findings.some(({ evidence }) =>
        evidence.some(({ curl }) => /x-clinic-key: \$\{NORTH\}/.test(curl)),
      ),
    )
  })

  it('mended: nothing', async (t) => {
    const { report } = await onClinic(false)
    assert.deepEqual(kindsOf(report), [])
    t.diagnostic(`${report.requests} requests in ${report.seconds} s`)
  })
})
