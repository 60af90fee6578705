import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { ProbeReport } from '../../src/probe/probe-report.ts'
import { type NamedIdentity, parseIdentity } from '../../src/probe/read-identities.ts'
import { startFleet } from '../support/probe-apis/fleet.ts'
import { fleetWeaknesses } from '../support/probe-apis/fleet-weaknesses.ts'
import { loadLines } from '../support/probe-apis/load-lines.ts'
import { pantryWeaknesses, startPantry } from '../support/probe-apis/pantry.ts'
import { kindsOf, runSmallProbe } from '../support/probe-apis/run-small-probe.ts'

// Two APIs in the manner of well-known vulnerable ones, written before the checks knew anything of them; docs/probe.md has the
// figures of the first run beside those of now.

const folder = join(import.meta.dirname, '../support/probe-apis')
/** What is planted and cannot be told from outside: five posts on a page of a million look the same under a cap of fifty. */
const unseen = ['limit.page GET /community/api/v2/posts/recent']
const budget = { requests: 6000, seconds: 60, rate: 4000, patience: 1100 }

const planted = (list: readonly (readonly [string, string])[]): string[] =>
  list
    .map((one) => one.join(' ').trim())
    .filter((one) => !unseen.includes(one))
    .sort()

async function onPantry(weak: boolean): Promise<ProbeReport> {
  const pantry = await startPantry(weak)
  try {
    return await runSmallProbe({
      contract: join(folder, 'pantry.openapi.yaml'),
      target: pantry.url,
      identities: ['nora=login:nora:open sesame', 'omar=login:omar:open sesame'],
      change: { budget },
    })
  } finally {
    await pantry.close()
  }
}

async function onFleet(weak: boolean): Promise<ProbeReport> {
  const fleet = await startFleet(weak)
  try {
    const pia = parseIdentity('pia=login:pia@fleet.example:Tandem!9', {})
    const [id, secret] = fleet.client
    const ops: NamedIdentity = {
      identity: { name: 'ops', credentials: new Map(), privileged: true, ids: new Map() },
      client: { url: `${fleet.url}/oauth/token`, id, secret, scope: undefined },
    }
    return await runSmallProbe({
      contract: join(folder, 'fleet.openapi.yaml'),
      target: fleet.url,
      identities: [
        { ...pia, identity: { ...pia.identity, idToken: fleet.idToken } },
        'quinn=login:quinn@fleet.example:Tandem!9',
        ops,
      ],
      change: { budget },
    })
  } finally {
    await fleet.close()
  }
}

for (const [name, probe, weaknesses, file] of [
  [
    'pantry: names for ids, short tokens, `{ status, message }`',
    onPantry,
    pantryWeaknesses,
    join(folder, 'pantry.openapi.yaml'),
  ],
  [
    'fleet: several services, RS256, ids in queries, a client of the token endpoint',
    onFleet,
    fleetWeaknesses,
    join(folder, 'fleet.openapi.yaml'),
  ],
] as const)
  describe(name, () => {
    it('weak: every planted weakness that can be seen, nothing else', async (t) => {
      const report = await probe(true)
      assert.deepEqual(kindsOf(report), planted(weaknesses))
      // Every line that a finding proposes is one that the configuration takes.
      assert.deepEqual(
        await loadLines(
          report.findings.map(({ policy }) => policy),
          file,
        ),
        [],
      )
      t.diagnostic(`${report.findings.length} findings, ${report.requests} requests in ${report.seconds} s`)
    })

    it('mended: nothing', async (t) => {
      const report = await probe(false)
      assert.deepEqual(kindsOf(report), [])
      t.diagnostic(`${report.requests} requests in ${report.seconds} s, ${report.throttled} held up`)
    })
  })
