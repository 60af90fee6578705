import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { AddressLoad } from './address-load.ts'

const socket = (): Socket => new EventEmitter() as unknown as Socket

test('connections are counted by network, and given back when they close', () => {
  const load = new AddressLoad(2)
  const first = socket()
  assert.ok(load.admit('2001:db8:1:2::1', first))
  assert.ok(load.admit('2001:db8:1:2:ffff::9', socket()))
  assert.ok(!load.admit('2001:db8:1:2::3', socket()))
  assert.ok(load.admit('2001:db8:1:3::1', socket()))
  assert.ok(load.admit('192.0.2.1', socket()))
  first.emit('close')
  assert.ok(load.admit('2001:db8:1:2::3', socket()))
  assert.ok(!load.admit('2001:db8:1:2::4', socket()))
})
