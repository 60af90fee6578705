import { parseArgs } from 'node:util'
import { runCampaign } from './injection/campaign.ts'

const usage = `npm run fuzz:injection -- [--count N] [--seed N]

Sends mutated requests through a real gateway on a contract that allows any text. Each must end in a declared problem or
reach the upstream byte for byte, and memory must stay flat; exits 1 where one does not.
`

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  process.stdout.write(usage)
  process.exit(0)
}
const before = performance.now()
const run = await runCampaign(Number(values.count), Number(values.seed), (done) => {
  process.stderr.write(`${done} requests, ${((performance.now() - before) / 1000).toFixed(0)} s\n`)
})
const refusals = [...run.refused].sort(([, a], [, b]) => b - a)
process.stdout.write(`${run.requests} mutated requests: ${run.passed} reached the upstream byte for byte\n`)
for (const [code, times] of refusals) process.stdout.write(`  ${String(times).padStart(8)} ${code}\n`)
process.stdout.write(`heap in use, MiB, along the way: ${run.heap.join(' ')}\n`)
for (const failure of run.failures) process.stdout.write(`FAILED ${failure}\n`)
const [, early = 0] = run.heap
const grown = (run.heap.at(-1) ?? 0) > early * 1.25 + 8
if (grown) process.stdout.write('FAILED memory grew\n')
process.exit(run.failures.length === 0 && !grown ? 0 : 1)
