import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { get as httpGet } from 'node:http'
import { connect } from 'node:http2'
import { get as httpsGet } from 'node:https'
import { after, before, test } from 'node:test'
import { type RunningGateway, startGateway } from './running-gateway.ts'
import { thingsContract } from './things-contract.ts'

let gateway: RunningGateway
let ca: Buffer
let secure: string
let redirect: string

before(async () => {
  gateway = await startGateway({
    contract: thingsContract,
    listen: '[{ address: 127.0.0.1:0, tls: development }, { address: 127.0.0.1:0, redirect: https }]',
  })
  const note = gateway.app.notes.join('\n')
  const path = /(\/\S+\.(?:crt|pem|cer))/.exec(note)?.[1]
  assert.ok(path !== undefined, `the notes name the development authority: ${note}`)
  ca = readFileSync(path)
  secure = gateway.app.addresses.find(({ kind }) => kind === 'api')?.url ?? ''
  redirect = gateway.app.addresses.find(({ kind }) => kind === 'redirect')?.url ?? ''
})
after(() => gateway.close())

function answer(start: (done: (response: IncomingMessage) => void) => unknown): Promise<IncomingMessage> {
  return new Promise((resolve) => start(resolve)).then((response) => {
    ;(response as IncomingMessage).resume()
    return response as IncomingMessage
  })
}

test('HTTPS with the development authority, with HSTS', async () => {
  const response = await answer((done) => httpsGet(`${secure}/public`, { ca }, done))
  assert.equal(response.statusCode, 200)
  assert.match(response.headers['strict-transport-security'] ?? '', /max-age=31536000/)
})

test('HTTP/2 by ALPN, one policy: allowed, refused and counted as over HTTP/1.1', async () => {
  const session = connect(secure, { ca })
  const status = (path: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const stream = session.request({ ':path': path })
      stream.on('response', (headers) => resolve(Number(headers[':status'])))
      stream.on('error', reject)
      stream.resume()
      stream.end()
    })
  assert.equal(await status('/public'), 200)
  assert.equal(await status('/things/1'), 401)
  assert.equal(await status('/things/a%2fb'), 400)
  assert.equal(await status('/nothing'), 404)
  session.close()
})

test('the redirect listener sends GET to https and serves nothing', async () => {
  const response = await answer((done) => httpGet(`${redirect}/public?a=1`, done))
  assert.equal(response.statusCode, 308)
  assert.match(response.headers.location ?? '', /^https:\/\/[^/]+\/public\?a=1$/)
  const posted = await fetch(`${redirect}/public`, { method: 'POST', redirect: 'manual' })
  assert.equal(posted.status, 403)
  assert.equal(((await posted.json()) as { code: string }).code, 'LISTEN_TLS_REQUIRED')
})

test('plain HTTP on the TLS port is refused with a word', async () => {
  const response = await fetch(secure.replace('https:', 'http:'), { redirect: 'manual' })
  assert.equal(response.status, 403)
})
