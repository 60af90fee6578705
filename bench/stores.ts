// What the stores of other processes cost: CPU a call of the whole travel policy with limits in memory and in Redis, in one
// run, and operations a second of each store. `npm run bench:stores`. [--seconds N] of each measurement, [--rounds N].
import { parseArgs } from 'node:util'
import { startPostgres } from '../test/support/servers/postgres-server.ts'
import { startRedis } from '../test/support/servers/redis-server.ts'
import { installPackages } from '../tools/packages.ts'
import { gateCost } from './stores/gate-cost.ts'
import { storeSpeed } from './stores/store-speed.ts'
import { formatTable } from './table.ts'

/** Redis-backed limits may cost this much of memory-backed ones. */
const goal = 1.15

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '3' }, rounds: { type: 'string', default: '5' } },
})
const seconds = Number(values.seconds)
const rounds = Number(values.rounds)
if (!(seconds >= 1 && seconds <= 600 && rounds >= 1 && rounds <= 100)) {
  console.error('bench:stores: [--seconds N] [--rounds N]')
  process.exit(2)
}
installPackages()
const redis = await startRedis()
const postgres = await startPostgres()
try {
  const costs = await gateCost(redis.url, seconds, rounds)
  const base = costs[0]?.cpu ?? Number.NaN
  console.log('\nGET profile, whole travel policy, one caller\n')
  console.log(
    formatTable([
      ['limits in', 'CPU µs/req', '× memory', 'req/s', 'failed'],
      ...costs.map(({ title, cpu, throughput, failures }) => [
        title,
        cpu.toFixed(1),
        (cpu / base).toFixed(2),
        throughput.toFixed(0),
        String(failures),
      ]),
    ]),
  )
  const ratio = (costs[1]?.cpu ?? Number.NaN) / base
  console.log(`\nRedis / memory ${ratio.toFixed(2)} ≤ ${goal}: ${ratio <= goal ? 'reached' : 'missed'}\n`)
  console.log(
    formatTable([
      ['store', 'operation', 'ops/s', 'CPU µs/op here'],
      ...(await storeSpeed(redis.url, postgres.url(), seconds)).map(
        ({ store, operation, perSecond, cpu }) => [store, operation, perSecond.toFixed(0), cpu.toFixed(2)],
      ),
    ]),
  )
} finally {
  await Promise.all([redis.close(), postgres.close()])
}
