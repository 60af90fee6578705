import { parseArgs } from 'node:util'
import { runHonestTravel } from './injection/honest-travel.ts'

const usage = `npm run honest:travel -- [--count N] [--seed N]

Sends generated honest calls, full of what attacks are made of, through the gate of the travel example. Nothing of it
may be refused; exits 1 where something is.
`

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  process.stdout.write(usage)
  process.exit(0)
}
const run = await runHonestTravel(Number(values.count), Number(values.seed))
process.stdout.write(`${run.calls} honest calls, ${run.alarms} refused as attacks\n`)
for (const [what, times] of run.others) process.stdout.write(`  ${times} × ${what}\n`)
for (const one of run.examples) process.stdout.write(`${one}\n`)
process.exit(run.alarms + run.others.size === 0 ? 0 : 1)
