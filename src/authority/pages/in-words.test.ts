import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inBrowser, inDate, inDuration } from './in-words.ts'

test('a duration is told in its largest whole unit', () => {
  assert.equal(inDuration('en', 600), '10 minutes')
  assert.equal(inDuration('en', 3_600), '1 hour')
  assert.equal(inDuration('en', 7_776_000), '90 days')
  assert.equal(inDuration('en', 90), '90 seconds')
  assert.equal(inDuration('en', 0), '0 seconds')
})

test('a date is told in words and for machines, whatever the number', () => {
  assert.equal(
    inDate('en', Date.UTC(2026, 10, 24)).toString(),
    '<time datetime="2026-11-24T00:00:00.000Z">24 November 2026</time>',
  )
  for (const time of [Number.NaN, Number.POSITIVE_INFINITY, -1, 1e300])
    assert.ok(inDate('en', time).toString())
})

test('a browser is named where its string tells', () => {
  const chrome =
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36'
  assert.equal(inBrowser(chrome), 'Chrome on Linux')
  assert.equal(inBrowser(`${chrome} Edg/150.0`), 'Edge on Linux')
  assert.equal(
    inBrowser('Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/605'),
    'Safari on iOS',
  )
  assert.equal(inBrowser('curl/8.9'), 'curl')
  assert.equal(inBrowser('x'.repeat(500)).length, 60)
  assert.equal(inBrowser(''), '?')
})
