import assert from 'node:assert/strict'
import { test } from 'node:test'
import { backendNames, needsBackend } from './backends.ts'
import { compareRecords, runDifferential } from './run-differential.ts'

// The quick part of `npm run differential`.
for (const backend of backendNames)
  test(`${backend} sees the requests that the gate let through, and no other`, {
    ...needsBackend(backend),
    timeout: 60_000,
  }, async (t) => {
    const { sent, forwarded, refused, seen, brokenOff, onlyBackend, onlyGate, canaries, crossed } =
      await runDifferential(backend, 600, 7)
    t.diagnostic(
      `${sent} sent: ${refused} requests refused, ${forwarded} passed on, ${seen} seen, ${brokenOff} of them broken off`,
    )
    assert.ok(forwarded > 60 && canaries === 30)
    assert.deepEqual(onlyBackend, [], 'seen by the backend alone')
    assert.deepEqual(onlyGate, [], 'on record here alone')
    assert.equal(seen, forwarded + brokenOff)
    assert.equal(crossed, 0, 'a good call got another reply than its own')
  })

test('the measure can fail: a request more, a request less, another path', () => {
  const log = '{"id":"a","method":"GET","path":"/t/a","status":200,"upstreamStatus":200}\n'
  assert.deepEqual(compareRecords(log, ['GET /t/a a']).onlyBackend, [])
  assert.deepEqual(compareRecords(log, ['GET /t/a a', 'GET /t/smuggled b']).onlyBackend, [
    'GET /t/smuggled b',
  ])
  assert.deepEqual(compareRecords(log, ['GET /t/a a', 'GET /t/a a']).onlyBackend, ['GET /t/a a'])
  assert.deepEqual(compareRecords(log, []).onlyGate, ['GET /t/a a'])
  assert.equal(compareRecords(log, ['GET /t/b a']).onlyGate.length, 1)
})
