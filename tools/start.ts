import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createDevKeys, readSigningKey } from '../examples/travel/dev-keys.ts'
import { signSceneTokens } from '../examples/travel/dev-tokens.ts'
import { canary, type Scene } from '../examples/travel/scene.ts'
import { startUpstream } from '../examples/travel/upstream/start-upstream.ts'
import { demonstrate } from './travel/demonstrate.ts'
import { formatEventLine } from './travel/event-line.ts'
import { startGateway } from './travel/gateway-process.ts'

const usage = `npm start [-- --demo | --quiet]

Runs the travel example: the weak upstream, and Sallyport in front of it. Ctrl-C ends both.

  --demo   run the attacks on both, print the table, end; exit 1 where the gate did not hold
  --quiet  do not run the attacks first
`
const gate = 'http://127.0.0.1:8080'
const admin = 'http://127.0.0.1:9090'
const upstreamPort = 4000

const { values } = parseArgs({
  options: {
    demo: { type: 'boolean', default: false },
    quiet: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
if (values.help) {
  process.stdout.write(usage)
  process.exit(0)
}
const colour = process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined
const write = (text: string): void => void process.stdout.write(`${text}\n`)
const travel = join(import.meta.dirname, '..', 'examples', 'travel')

const closing: (() => Promise<void> | void)[] = []
let ending = false
process.on('SIGINT', () => void end(0))
process.on('SIGTERM', () => void end(0))

try {
  await run()
} catch (error) {
  process.stderr.write(`start: ${explain(error)}\n`)
  await end(1)
}

async function run(): Promise<void> {
  const keys = await createDevKeys(join(travel, '.sallyport'))
  const upstream = await startUpstream({ port: upstreamPort })
  closing.push(upstream.close)
  const internal = createServer((_request, response) => response.end(canary))
  await new Promise<void>((resolve) => internal.listen(0, '127.0.0.1', resolve))
  closing.push(() => void internal.close())

  let since = Number.POSITIVE_INFINITY
  const gateway = await startGateway(join(travel, 'sallyport.yaml'), `${admin}/readyz`, (line) => {
    const shown = formatEventLine(line, since, colour)
    if (shown !== undefined) write(shown)
  })
  closing.push(gateway.stop)
  void gateway.ended.then((code) => {
    if (!ending) process.stderr.write(`start: the gateway ended with ${code}\n`)
    void end(code)
  })

  const scene: Scene = {
    tokens: await signSceneTokens(readSigningKey(keys.signingKey)),
    internal: `http://127.0.0.1:${(internal.address() as AddressInfo).port}/`,
  }
  let surprises: readonly string[] = []
  if (!values.quiet || values.demo) {
    write('\nAttacks on the travel API: alone, and behind the gate\n')
    const shown = await demonstrate(gate, scene, colour)
    write(shown.table)
    surprises = shown.surprises
    if (surprises.length > 0) process.stderr.write(`\nstart: not as expected: ${surprises.join('; ')}\n`)
  }
  if (values.demo) return end(surprises.length > 0 ? 1 : 0)
  write(introduction(scene, upstream.url))
  since = Date.now()
}

function introduction({ tokens }: Scene, upstream: string): string {
  return `
Gate      ${gate}
Operator  ${admin}  (/metrics, /healthz, /readyz, /api/v1/events)
Upstream  ${upstream}  (weak on purpose, loopback only)

Alice is user 123, Bob is user 456. In another terminal:

export ALICE=${tokens.alice}

export BOB=${tokens.bob}

# 200: Alice reads her own profile; the password hash that the upstream adds is gone
curl -i -H "Authorization: Bearer $ALICE" ${gate}/api/v1/users/123/profile

# 401: nobody may
curl -i ${gate}/api/v1/users/123/profile

# 403: not Bob's
curl -i -H "Authorization: Bearer $ALICE" ${gate}/api/v1/users/456/profile

# 429: the sixth guess at a password
for n in 1 2 3 4 5 6; do curl -s -o /dev/null -w '%{http_code}\\n' -H 'Content-Type: application/json' \\
  -d '{"username":"alice","password":"guess"}' ${gate}/login; done

The same against ${upstream} shows what the gate is for. Ctrl-C ends everything. Audit events:
`
}

async function end(code: number): Promise<void> {
  if (ending) return
  ending = true
  for (const close of closing.reverse()) await close()
  process.exit(code)
}

function explain(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')
    return `port ${upstreamPort} is taken; the example needs 4000, 8080 and 9090`
  return error instanceof Error ? error.message : String(error)
}
