import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { after, before, test } from 'node:test'
import { Agent, fetch as send } from 'undici'
import { type App, createApp } from '../../src/app/app.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { formsOf } from '../support/authority-pages/form-browser.ts'
import { freePort } from '../support/free-port.ts'

const people = 300

let folder: string
let app: App
let issuer: string
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-storm-'))
  const port = await freePort()
  issuer = `http://127.0.0.1:${port}/auth`
  writeFileSync(join(folder, 't.yaml'), 'openapi: 3.1.0\ninfo: { title: T, version: "1" }\npaths: {}\n')
  const file = join(folder, 'sallyport.yaml')
  writeFileSync(
    file,
    JSON.stringify({
      listen: [{ address: `127.0.0.1:${port}` }],
      trustedProxies: ['127.0.0.1'],
      log: { events: 'none' },
      authority: { issuer },
      apis: { t: { contract: 't.yaml', upstream: 'http://127.0.0.1:9' } },
    }),
  )
  app = await createApp(await loadConfig(file, {}))
})
after(async () => {
  await app?.close(0)
  rmSync(folder, { recursive: true, force: true })
})

test('U05: hundreds who sign in at once, each from an address of its own, take turns: the loop is never held for long', async (t) => {
  const agent = new Agent({ connections: 64 })
  const logins = await Promise.all(
    Array.from({ length: people }, async (_, n) => {
      const headers = { 'x-forwarded-for': `203.0.${n >> 8}.${n & 255}` }
      const page = await send(`${issuer}/account/login`, { headers, dispatcher: agent })
      const cookie = page.headers
        .getSetCookie()
        .map((one) => one.split(';')[0])
        .join('; ')
      const form = formsOf(await page.text()).find(({ action }) => action.endsWith('/login'))
      const body = new URLSearchParams([...(form?.fields ?? [])])
      body.set('email', `person${n}@travel.example`)
      body.set('password', 'nobody has chosen this one')
      const origin = new URL(issuer).origin
      return () =>
        send(origin + (form?.action ?? ''), {
          method: 'POST',
          headers: {
            ...headers,
            cookie,
            origin,
            'sec-fetch-site': 'same-origin',
            'content-type': 'application/x-www-form-urlencoded',
          },
          body: body.toString(),
          dispatcher: agent,
        })
    }),
  )
  const before = process.memoryUsage().rss
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const answers = new Map<number, number>()
  let most = before
  await Promise.all(
    logins.map(async (login) => {
      const reply = await login()
      await reply.text()
      answers.set(reply.status, (answers.get(reply.status) ?? 0) + 1)
      most = Math.max(most, process.memoryUsage().rss)
    }),
  )
  delay.disable()
  await agent.destroy()
  // 400: judged, and wrong. 503: too many wait. 429: too many failed. Never a timeout, never a fault.
  for (const status of answers.keys()) assert.ok([400, 429, 503].includes(status), `${status}`)
  assert.ok((answers.get(400) ?? 0) > 0)
  assert.ok(most - before < 192 * 1_048_576, `${(most - before) / 1e6} MB more`)
  const p90 = delay.percentile(90) / 1e6
  assert.ok(p90 < 50, `the loop was held for ${p90} ms`)
  t.diagnostic(
    `${JSON.stringify([...answers])}, loop delay p90 ${p90.toFixed(1)} ms, most ${(delay.max / 1e6).toFixed(1)} ms`,
  )
})
