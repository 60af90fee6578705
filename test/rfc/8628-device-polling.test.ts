import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type RunningAuthority, startAuthority } from '../support/authority.ts'

let running: RunningAuthority
let at = 1000

before(async () => {
  running = await startAuthority({ clock: { now: () => Date.now(), monotonic: () => at } })
})
after(() => running.close())

interface Device {
  readonly started: Record<string, unknown>
  /** OAuth error of the next poll. */
  poll(): Promise<unknown>
}

async function startDevice(): Promise<Device> {
  const { id } = await running.register({
    grants: ['device'],
    authentication: 'none',
    scopes: ['profile:read'],
  })
  const post = async (path: string, form: Record<string, string>): Promise<Record<string, unknown>> => {
    const response = await fetch(running.issuer + path, {
      method: 'POST',
      body: new URLSearchParams({ client_id: id, ...form }),
    })
    assert.equal(response.headers.get('cache-control'), 'no-store')
    return (await response.json()) as Record<string, unknown>
  }
  const started = await post('/device_authorization', { scope: 'profile:read' })
  return {
    started,
    poll: async () =>
      (
        await post('/token', {
          grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
          device_code: String(started['device_code']),
        })
      )['error'],
  }
}

test('RFC 8628 section 3.2: a device is told how often to ask', async () => {
  const { started } = await startDevice()
  assert.equal(started['interval'], 5)
  assert.equal(started['expires_in'], 600)
})

test('RFC 8628 section 3.5: asking too fast is slow_down, and each time makes the interval 5 s longer', async () => {
  const device = await startDevice()
  assert.equal(await device.poll(), 'authorization_pending')
  at += 4_100
  assert.equal(await device.poll(), 'authorization_pending', 'a second is the network’s')
  at += 1_000
  assert.equal(await device.poll(), 'slow_down')
  at += 10_000
  assert.equal(await device.poll(), 'authorization_pending')
  at += 5_000
  assert.equal(await device.poll(), 'slow_down', 'the first interval is over for good')
  at += 15_000
  assert.equal(await device.poll(), 'authorization_pending')
})

test('RFC 8628 section 3.5: each code has a pace of its own, and codes that are none have none', async () => {
  const one = await startDevice()
  const other = await startDevice()
  assert.equal(await one.poll(), 'authorization_pending')
  assert.equal(await other.poll(), 'authorization_pending')
  assert.equal(await one.poll(), 'slow_down')
  assert.equal(running.outcomes.at(-1)?.error, 'slow_down')
  for (let n = 0; n < 3; n++) {
    const response = await fetch(`${running.issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        client_id: 'nobody',
        grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
        device_code: 'none',
      }),
    })
    assert.equal(((await response.json()) as { error: string }).error, 'invalid_client')
  }
})
