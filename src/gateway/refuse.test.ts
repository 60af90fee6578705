import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ProblemCode, problems } from '../kernel/problem.ts'
import { deny } from '../kernel/verdict.ts'
import { problemType, refuse } from './refuse.ts'

for (const code of Object.keys(problems) as ProblemCode[])
  test(`${code} becomes one problem document`, () => {
    const reply = refuse(deny(code, 'check.name', 'inner reason'), 'id-1', true)
    const body = JSON.parse(String(reply.body)) as Record<string, unknown>
    assert.deepEqual(body, {
      type: problemType(code),
      title: problems[code].title,
      status: problems[code].status,
      code,
      instance: 'id-1',
    })
    assert.equal(reply.status, problems[code].status)
    assert.equal(reply.close, problems[code].close)
    assert.ok(reply.fields.includes('application/problem+json'))
    assert.ok(reply.fields.includes('Strict-Transport-Security'))
  })

test('codes are STAGE_WHAT and statuses are errors', () => {
  for (const [code, problem] of Object.entries(problems)) {
    assert.match(code, /^(LISTEN|MATCH|IDENTIFY|AUTHORIZE|LIMIT|INSPECT|FORWARD|SCREEN|GATEWAY)_[A-Z_]+$/)
    assert.ok(problem.status >= 400 && problem.status < 600)
  }
})

test('schema errors and violated policies are shown, reasons are not', () => {
  const schema = refuse(
    deny('INSPECT_SCHEMA', 'c', 'r', { errors: [{ pointer: '/body/a', code: 'type' }] }),
    'i',
    false,
  )
  assert.deepEqual(JSON.parse(String(schema.body)).errors, [{ pointer: '/body/a', code: 'type' }])
  const limit = refuse(
    deny('LIMIT_RATE', 'c', 'r', { violated: ['all'], fields: ['Retry-After', '3'] }),
    'i',
    false,
  )
  const body = JSON.parse(String(limit.body))
  assert.deepEqual(body['violated-policies'], ['all'])
  assert.equal(body.type, 'https://iana.org/assignments/http-problem-types#quota-exceeded')
  assert.ok(limit.fields.includes('Retry-After'))
  assert.ok(!limit.fields.includes('Strict-Transport-Security'))
})

test('an id cannot break out of the document', () => {
  const reply = refuse(deny('GATEWAY_FAULT', 'c', 'r'), '","x":"', false)
  assert.equal(JSON.parse(String(reply.body)).instance, '","x":"')
})
