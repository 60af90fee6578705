import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOf } from './digest.ts'
import { isSameSecret } from './same-secret.ts'

test('equal secrets are the same, others are not, whatever their length', () => {
  assert.ok(isSameSecret('abc', 'abc'))
  assert.ok(isSameSecret('', ''))
  for (const other of ['', 'ab', 'abcd', 'ABC', 'abd']) assert.ok(!isSameSecret(other, 'abc'))
})

test('a digest is SHA-256 in hex', () => {
  assert.equal(digestOf('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})
