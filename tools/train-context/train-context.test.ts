import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { calibrate, trainOn } from './calibrate.ts'
import { distinct, withoutNearDuplicates } from './near-duplicates.ts'
import { ownRows } from './own-texts.ts'
import { createRandom } from './random.ts'
import { largest, makeReplies, smallest } from './replies.ts'
import { type ContextRow, casesFolder, loadContextRows, mayTrain } from './rows.ts'

const row = (text: string, more: Partial<ContextRow> = {}): ContextRow => ({
  id: text,
  suite: 'context/a',
  license: 'MIT',
  label: 'benign',
  category: 'a',
  family: text,
  kind: 'document',
  text,
  ...more,
})

test('training on the same texts gives the same bytes', () => {
  const rows = ownRows().filter((_, n) => n % 16 === 0)
  const bytes = [0, 1].map(() => Buffer.from(trainOn(rows.map((one) => ({ ...one }))).model.weights.buffer))
  assert.ok(rows.length > 100)
  assert.ok(bytes[0]?.some((byte) => byte !== 0))
  assert.deepEqual(bytes[0], bytes[1])
})

test('only permissive licences teach', () => {
  for (const license of ['MIT', 'Apache-2.0', 'BSD-3-Clause', 'MIT (CybersecurityBenchmarks)'])
    assert.equal(mayTrain(row('a', { license })), true, license)
  for (const license of ['GPL-3.0', 'CC-BY-SA-4.0', 'see repo', 'mixed', 'none stated', 'CC-BY-4.0 (pages)'])
    assert.equal(mayTrain(row('a', { license })), false, license)
  assert.equal(mayTrain(row('a', { suite: 'context/wildguard_benign' })), false)
})

test('near-duplicates are found, other texts are not', () => {
  const held = row(
    'the quick brown fox jumps over the lazy dog near the old mill by the river on a sunny day',
  )
  const near = row(
    'the quick brown fox jumps over the lazy dog near the old mill by the river on a rainy day',
  )
  const other = row('a report of the board about the costs of heating in the third quarter of the past year')
  assert.deepEqual(withoutNearDuplicates([near, other], [held]), [other])
  assert.deepEqual(distinct([held, near, other]), [held, other])
})

test('replies are of the wanted size, of one domain, and hold no text twice', () => {
  const traffic = Array.from({ length: 200 }, (_, n) =>
    row(`${n} ${'word '.repeat(60)}`, { suite: `context/${n % 2 === 0 ? 'a' : 'b'}` }),
  )
  for (const { domain, leaves, length } of makeReplies(traffic, 200, createRandom(1))) {
    assert.ok(length >= smallest / 2 && length <= largest)
    assert.equal(new Set(leaves).size, leaves.length)
    assert.ok(leaves.every(({ suite }) => suite === `context/${domain}`))
  }
})

test('a threshold flags one honest reply in a hundred', () => {
  const random = createRandom(3)
  const scored = Array.from({ length: 2_000 }, (_, n) => ({
    row: row(`${n} ${'word '.repeat(200)}`),
    raw: 200 * random(),
  }))
  const { flagAt, sureAt } = calibrate(scored, { lengthCost: 0, shortCost: 0 })
  assert.ok(flagAt > 190 && flagAt <= 202)
  assert.ok(sureAt > flagAt)
})

test('our own texts hold no six words in a row of a third-party attack', (t) => {
  const folder = casesFolder()
  if (!existsSync(`${folder}/context`)) {
    assert.notEqual(process.env['CI'], 'true', `no cases in ${folder}`)
    t.skip('no cases: set SALLYPORT_CASES to their folder')
    return
  }
  const attacks = loadContextRows(folder).filter(({ label }) => label === 'attack')
  const theirs = new Set(attacks.flatMap(({ injected, text }) => sixes(injected ?? text)))
  const ours = ownRows().filter(({ label }) => label === 'attack')
  t.diagnostic(`${ours.length} texts of ours beside ${attacks.length} attacks`)
  assert.ok(ours.length > 1000 && theirs.size > 10_000)
  const shared = new Set(ours.flatMap(({ text }) => sixes(text)).filter((six) => theirs.has(six)))
  assert.deepEqual([...shared], [])
})

function sixes(text: string): string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}']+/gu) ?? []
  return words.slice(5).map((_, n) => words.slice(n, n + 6).join(' '))
}
