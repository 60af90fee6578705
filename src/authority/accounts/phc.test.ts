import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parsePhc, printPhc } from './phc.ts'

test('a PHC string is read and written the same', () => {
  const bytes = (length: number) =>
    fc.uint8Array({ minLength: length, maxLength: length }).map((one) => Buffer.from(one))
  fc.assert(
    fc.property(
      fc.record({
        memory: fc.integer({ min: 8, max: 9_999_999 }),
        passes: fc.integer({ min: 1, max: 999 }),
        parallelism: fc.integer({ min: 1, max: 99 }),
        salt: bytes(16),
        value: bytes(32),
      }),
      (hash) => assert.deepEqual({ ...parsePhc(printPhc(hash)) }, { ...hash }),
    ),
  )
})

test('what is none is none', () => {
  const good =
    '$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
  assert.ok(parsePhc(good))
  for (const text of [
    '',
    good.replace('argon2id', 'argon2i'),
    good.replace('v=19', 'v=16'),
    good.replace('m=19456', 'm=99999999'),
    good.replace('t=2', 't=-1'),
    `${good}$`,
    `${good}\n`,
    '$2b$12$abcdefghijklmnopqrstuv',
  ])
    assert.equal(parsePhc(text), undefined, text)
  fc.assert(fc.property(fc.string(), (text) => parsePhc(text) === undefined))
})
