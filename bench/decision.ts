// What a decision costs that another data plane asks for, over HTTP and over gRPC: `npm run bench:decision`.
// [--seconds N] of each measurement, [--rounds N]; the round that cost least counts.
import { writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { type ClientHttp2Session, connect } from 'node:http2'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { thingsContract } from '../test/flow/things-contract.ts'
import { encodeCheck } from '../test/stand-in/ext-authz-client.ts'
import { freePort } from './free-port.ts'
import { serverCore, startPinned } from './pinned-process.ts'
import { audience, createSite, issuer } from './site.ts'
import { formatTable } from './table.ts'

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '4' }, rounds: { type: 'string', default: '3' } },
})
const seconds = Number(values.seconds)
const rounds = Number(values.rounds)
if (!(seconds >= 1 && seconds <= 600 && rounds >= 1 && rounds <= 100)) {
  console.error('bench:decision: [--seconds N] [--rounds N]')
  process.exit(2)
}
/** Questions under way at once. */
const atOnce = 64

const site = await createSite(32)
const [http, grpc] = await Promise.all([freePort(), freePort()])
writeFileSync(join(site.folder, 'things.yaml'), thingsContract.replaceAll('things:read', 'profile:read'))
writeFileSync(
  join(site.folder, 'sallyport.yaml'),
  `listen: [{ address: "127.0.0.1:${http}", decide: envoy }, { address: "127.0.0.1:${grpc}", decide: envoy-grpc }]
log: { events: "${join(site.folder, 'events.jsonl')}" }
issuers: { main: { issuer: "${issuer}", audience: "${audience}", algorithms: [RS256], keys: { jwks: "${site.jwks}" } } }
apis:
  things:
    contract: things.yaml
    upstream: http://127.0.0.1:9
    objects: { profile: { id: path.userId, owner: path.userId } }
    limits: [{ for: "*", per: caller, rate: 1000000/s, burst: 1000000 }]
`,
)
const program = join(import.meta.dirname, '..', 'bin', 'sallyport.js')
const gateway = await startPinned(
  serverCore,
  [process.execPath, program, 'serve', '--no-watch', '--config', join(site.folder, 'sallyport.yaml')],
  grpc,
  join(site.folder, 'log'),
)

const path = '/users/123/profile'
const agent = new Agent({ keepAlive: true, maxSockets: atOnce })
const askHttp = (token: string): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, host: 'api.example.test' }
    request({ port: http, host: '127.0.0.1', path, agent, headers }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode === 200))
    })
      .on('error', reject)
      .end()
  })
const session: ClientHttp2Session = connect(`http://127.0.0.1:${grpc}`)
const frames = site.tokens.map((token) => {
  const message = encodeCheck({ path, fields: [['authorization', `Bearer ${token}`]] })
  const frame = Buffer.alloc(5 + message.length)
  frame.writeUInt32BE(message.length, 1)
  message.copy(frame, 5)
  return frame
})
const askGrpc = (_token: string, turn: number): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': '/envoy.service.auth.v3.Authorization/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
    })
    let allowed = false
    // An allowed call has an empty status: its first field ends at once.
    stream.on('data', (chunk: Buffer) => {
      if (!allowed) allowed = chunk[5] === 0x0a && chunk[6] === 0
    })
    stream.on('end', () => resolve(allowed))
    stream.on('error', reject)
    stream.end(frames[turn % frames.length])
  })

interface Cost {
  readonly title: string
  cpu: number
  perSecond: number
  failed: number
}

async function measure(ask: (token: string, turn: number) => Promise<boolean>, cost: Cost): Promise<void> {
  let turn = 0
  let done = 0
  const end = performance.now() + seconds * 1000
  const before = gateway.cpu()
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (performance.now() < end) {
        const mine = turn++
        if (!(await ask(site.tokens[mine % site.tokens.length] ?? '', mine))) cost.failed++
        done++
      }
    }),
  )
  cost.cpu = Math.min(cost.cpu, (gateway.cpu() - before) / done)
  cost.perSecond = Math.max(cost.perSecond, done / seconds)
}

try {
  const costs: Cost[] = ['ext_authz over HTTP', 'ext_authz over gRPC'].map((title) => ({
    title,
    cpu: Number.POSITIVE_INFINITY,
    perSecond: 0,
    failed: 0,
  }))
  for (let round = 0; round < rounds; round++)
    for (const [index, ask] of [askHttp, askGrpc].entries()) {
      const cost = costs[index]
      if (cost !== undefined) await measure(ask, cost)
    }
  console.log(
    formatTable([
      ['a decision', 'CPU µs', 'a second', 'failed'],
      ...costs.map(({ title, cpu, perSecond, failed }) => [
        title,
        cpu.toFixed(1),
        perSecond.toFixed(0),
        String(failed),
      ]),
    ]),
  )
  if (costs.some(({ failed }) => failed > 0)) process.exitCode = 1
} finally {
  agent.destroy()
  session.destroy()
  await gateway.stop()
  site.close()
}
