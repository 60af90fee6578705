import assert from 'node:assert/strict'
import { test } from 'node:test'
import { trainOn } from './calibrate.ts'
import { ownRows } from './own-texts.ts'

test('training on the same texts gives the same bytes', () => {
  const rows = ownRows().filter((_, n) => n % 10 === 0)
  const bytes = [0, 1].map(() => Buffer.from(trainOn(rows).model.weights.buffer))
  assert.ok(rows.length > 100)
  assert.ok(bytes[0]?.some((byte) => byte !== 0))
  assert.deepEqual(bytes[0], bytes[1])
})
