import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Report } from '../document/report.ts'
import { SchemaStore } from '../schemas/schema-store.ts'
import { isNarrowPattern, schemaCanCarryAttack } from './carries-text.ts'

it('a pattern is narrow where no character of it means anything to a language', () => {
  for (const pattern of [
    '^[A-Z]{2}$',
    '^[a-z0-9_-]+$',
    '^\\d{4}-\\d{2}$',
    '^(?:a|b|c1)$',
    '^\\w{1,20}$',
    '^[\\w.]+@[\\w.]+$',
  ])
    assert.equal(isNarrowPattern(pattern), true, pattern)
  for (const pattern of [
    '[A-Z]{2}',
    '^[A-Z]{2}',
    '[a-z]$',
    '^.+$',
    '^[^<]+$',
    '^[a-z ]+$',
    "^[a-z']+$",
    '^\\S+$',
    '^a|b$',
    '^[a-z/]+$',
    '^(',
    '^\\p{L}+$',
  ])
    assert.equal(isNarrowPattern(pattern), false, pattern)
})

it('what a schema rules out cannot carry an attack', () => {
  const store = new SchemaStore(new Report(), '2020-12')
  for (const schema of [
    { type: 'integer' },
    { type: ['boolean', 'null'] },
    { enum: ['a', 'b'] },
    { const: 'x' },
    { type: 'string', format: 'uuid' },
    { type: 'string', format: 'date-time' },
    { type: 'string', maxLength: 3 },
    { type: 'string', pattern: '^[A-Z]{2}\\d{6}$' },
    { allOf: [{ type: 'string' }, { enum: ['a'] }] },
    { anyOf: [{ type: 'integer' }, { type: 'string', format: 'date' }] },
    false,
  ])
    assert.equal(schemaCanCarryAttack(schema, store), false, JSON.stringify(schema))
  for (const schema of [
    true,
    {},
    { type: 'string' },
    { type: 'string', format: 'email' },
    { type: 'string', format: 'uri' },
    { type: 'string', maxLength: 40 },
    { anyOf: [{ type: 'integer' }, { type: 'string' }] },
  ])
    assert.equal(schemaCanCarryAttack(schema, store), true, JSON.stringify(schema))
})
