import assert from 'node:assert/strict'
import { request as send } from 'node:http'
import { host, type Scenario, scenarios } from './scenario.ts'
import type { Site } from './site.ts'
import type { Subject } from './subject.ts'

interface Answer {
  readonly status: number
  readonly text: string
}

/**
 * Proves that a subject does its work before it is measured: every scenario comes back as the backend answered
 * it, and what the subject claims to refuse is refused. Throws what is wrong.
 */
export async function prove(subject: Subject, site: Site, port: number): Promise<void> {
  const token = site.tokens[0] ?? ''
  for (const scenario of scenarios) {
    const { status, text } = await call(port, scenario, token)
    assert.equal(status, scenario.reply.status, `${scenario.title}: status ${status} ${text.slice(0, 300)}`)
    assert.deepEqual(JSON.parse(text), JSON.parse(scenario.reply.body), `${scenario.title}: another body`)
  }
  const [get] = scenarios
  if (get === undefined) return
  const refused = async (what: string, status: number, answer: Promise<Answer>): Promise<void> =>
    assert.equal((await answer).status, status, `does not refuse ${what}`)
  for (const demand of subject.demands) {
    if (demand === 'token') {
      await refused('a call without a token', 401, call(port, get, undefined))
      await refused("a stranger's token", 401, call(port, get, site.badToken))
    } else if (demand === 'owner')
      await refused('a foreign id', 403, call(port, { ...get, path: '/api/v1/users/456/profile' }, token))
    else await refused('an attack', 403, call(port, { ...get, path: `${get.path}?q=${attack}` }, token))
  }
}

const attack = encodeURIComponent(`1' UNION SELECT password FROM users-- <script>alert(1)</script>`)

function call(port: number, { method, path, body }: Scenario, token: string | undefined): Promise<Answer> {
  const headers = {
    host,
    accept: 'application/json',
    'user-agent': 'bench/1.0',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(body === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
  }
  return new Promise((resolve, reject) => {
    const request = send({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
      response.on('error', reject)
    })
    request.setTimeout(5000, () => request.destroy(new Error('no answer within 5 s')))
    request.on('error', reject)
    request.end(body)
  })
}
