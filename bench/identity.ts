// What identity costs, beside the figures it was promised for: `npm run bench:identity [-- --seconds N --rounds N]`.
import { parseArgs } from 'node:util'
import { freePort } from './free-port.ts'
import { measureBadTokens } from './identity/bad-tokens.ts'
import { measureGrants } from './identity/grants.ts'
import { type LoginsResult, measureLogins } from './identity/logins.ts'
import { measureStage } from './identity/stage.ts'
import { startTravelWithAuthority } from './identity/travel-with-authority.ts'
import { loadCore, serverCore } from './pinned-process.ts'
import { createSite } from './site.ts'
import { startBackend } from './subjects/nginx.ts'
import { formatTable } from './table.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' },
  },
})
const seconds = Number(values.seconds)
const rounds = Number(values.rounds)
const wants = (part: string): boolean => values.only === undefined || values.only.split(',').includes(part)
const rows: string[][] = [['', 'measured', 'goal', '']]
const row = (what: string, measured: number, unit: string, goal: number | undefined, least = false): void => {
  const reached =
    goal === undefined ? '' : (least ? measured >= goal : measured <= goal) ? 'reached' : 'missed'
  const bound = goal === undefined ? '' : `${least ? '≥' : '≤'} ${goal} ${unit}`
  rows.push([what, `${measured.toFixed(Math.abs(measured) < 100 ? 1 : 0)} ${unit}`, bound, reached])
}

if (wants('stage')) {
  const cost = await measureStage()
  row('verified token, warm cache', cost.token, 'µs', 5)
  row('API key', cost.apiKey, 'µs', 5)
  row('DPoP proof and its token', cost.dpop, 'µs', 150)
  row('a token seen for the first time (ES256)', cost.newToken, 'µs', undefined)
  row('a token with a wrong signature (ES256)', cost.badToken, 'µs', undefined)
}

const site = await createSite(64)
const backendPort = await freePort()
const backend = await startBackend(site, loadCore, backendPort)
try {
  if (wants('grants') || wants('bad-tokens')) {
    const travel = await startTravelWithAuthority(site, backendPort, serverCore)
    try {
      if (wants('grants')) {
        const { perSecond, failures } = await measureGrants(site, travel, rounds)
        row('client-credential grants a second, one core', perSecond, '/s', 500, true)
        row('  of them refused', failures, '', 0)
      }
      if (wants('bad-tokens')) {
        const { quiet, beside, flooded, taken } = await measureBadTokens(
          site,
          travel.port,
          backendPort,
          seconds,
          rounds,
        )
        row('good calls alone: p50', quiet.p50, 'ms', undefined)
        row('good calls alone: p99', quiet.p99, 'ms', undefined)
        row('  while the flood goes elsewhere: p99', beside.p99, 'ms', undefined)
        row('  while 10,000 bad tokens a second come: p50', flooded.p50, 'ms', undefined)
        row('  while 10,000 bad tokens a second come: p99', flooded.p99, 'ms', undefined)
        row('  more than while the flood goes elsewhere', (flooded.p99 / beside.p99 - 1) * 100, '%', 25)
        row('  bad tokens that it took a second', taken, '/s', undefined)
        row('  good calls that failed', flooded.failures, '', 0)
      }
    } finally {
      await travel.server.stop()
    }
  }
  if (wants('logins')) {
    const results: LoginsResult[] = []
    // Each round with a server that nobody has failed to sign in to.
    for (let round = 0; round < rounds; round++) {
      const travel = await startTravelWithAuthority(site, backendPort, undefined)
      try {
        results.push(await measureLogins(site, travel, seconds))
      } finally {
        await travel.server.stop()
      }
    }
    const quiet = Math.min(...results.map((one) => one.quiet.p99))
    const busy = Math.min(...results.map((one) => one.busy.p99))
    row('good calls alone: p99', quiet, 'ms', undefined)
    row('  while 1,000 sign in at once: p99', busy, 'ms', undefined)
    row('  more than alone', busy - quiet, 'ms', 2)
    row('  good calls that failed', Math.max(...results.map((one) => one.busy.failures)), '', 0)
    row('memory before', Math.max(...results.map((one) => one.megabytesBefore)), 'MB', undefined)
    row('memory at most', Math.max(...results.map((one) => one.megabytesMost)), 'MB', undefined)
    for (const [status, count] of results.at(-1)?.answers ?? [])
      row(`  logins answered with ${status}`, count, '', undefined)
  }
} finally {
  await backend.stop()
  site.close()
}
process.stdout.write(`${formatTable(rows)}\n`)
