import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { createDeviceCookie } from './device-cookie.ts'

const devices = createDeviceCookie(randomBytes(32))

test('an entry is for one account and one key', () => {
  const { cookie, id } = devices.withDevice(undefined, 'alice')
  assert.equal(devices.deviceOf(cookie, 'alice'), id)
  assert.equal(devices.deviceOf(cookie, 'bob'), undefined)
  assert.equal(createDeviceCookie(randomBytes(32)).deviceOf(cookie, 'alice'), undefined)
  assert.doesNotMatch(cookie, /alice/)
  assert.match(cookie, /^[\w.~-]+$/)
})

test('a browser keeps its id, and entries of the last five accounts', () => {
  let cookie: string | undefined
  const ids = new Map<string, string>()
  for (const sub of ['a', 'b', 'c', 'd', 'e', 'f', 'f']) {
    const next = devices.withDevice(cookie, sub)
    assert.equal(ids.get(sub) ?? next.id, next.id)
    ids.set(sub, next.id)
    cookie = next.cookie
  }
  assert.deepEqual(
    ['a', 'b', 'c', 'd', 'e', 'f'].map((sub) => devices.deviceOf(cookie, sub) === ids.get(sub)),
    [false, true, true, true, true, true],
  )
  assert.ok((cookie?.length ?? 0) <= 400)
})

test('property: nothing made up is a device, and nothing throws', () => {
  const { cookie } = devices.withDevice(undefined, 'alice')
  const changed = fc
    .tuple(fc.nat(cookie.length - 1), fc.constantFrom(...'ABCab01-_.~'))
    .map(([at, character]) => cookie.slice(0, at) + character + cookie.slice(at + 1))
    .filter((one) => one !== cookie)
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), changed), (text) => {
      assert.equal(devices.deviceOf(text, 'alice'), undefined)
      assert.ok(devices.withDevice(text, 'alice').cookie.length <= 400)
    }),
    { numRuns: 500 },
  )
})
