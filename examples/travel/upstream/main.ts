import { parseArgs } from 'node:util'
import { startUpstream } from './start-upstream.ts'

const { values } = parseArgs({
  options: { port: { type: 'string', default: '4000' }, database: { type: 'string', default: ':memory:' } },
})
const upstream = await startUpstream({ port: Number(values.port), database: values.database })
process.stdout.write(`${upstream.url}\n`)
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void upstream.close().then(() => process.exit(0)))
