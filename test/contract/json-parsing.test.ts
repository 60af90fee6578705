import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseJson } from '../../src/media/json.ts'
import { type CaseRow, payloadOf, readCases } from '../cases.ts'

interface JsonRow extends CaseRow {
  readonly bytes: number
}

/** Accepted by RFC 8259, refused here on purpose: two parsers read them differently (row V03). */
const refusedOnPurpose = new Map([
  ['y_object_duplicated_key', 'duplicate key'],
  ['y_object_duplicated_key_and_value', 'duplicate key'],
])

test('JSONTestSuite: what must be refused is refused, what must be accepted is accepted', (t) => {
  const rows = readCases<JsonRow>(t, 'schema/json_parsing')
  if (rows.length === 0) return
  const wrong: string[] = []
  const choices: string[] = []
  const counts = { refused: 0, accepted: 0, onPurpose: 0 }
  for (const row of rows) {
    const result = parseJson(payloadOf(row))
    const refused = typeof result === 'string'
    const title = row.title ?? row.id
    if (row.category === 'n_must_reject') {
      if (refused) counts.refused++
      else wrong.push(`${title} accepted`)
    } else if (row.category === 'y_must_accept') {
      const expected = refusedOnPurpose.get(title)
      if (expected === undefined ? !refused : result === expected)
        expected === undefined ? counts.accepted++ : counts.onPurpose++
      else wrong.push(`${title}: ${refused ? result : 'accepted'}`)
    } else choices.push(`${title}: ${refused ? result : 'accepted'}`)
  }
  t.diagnostic(
    `${rows.length} cases: ${counts.refused} refused, ${counts.accepted} accepted, ${counts.onPurpose} refused on purpose (duplicate keys)`,
  )
  for (const choice of choices) t.diagnostic(`free choice: ${choice}`)
  assert.deepEqual(wrong, [])
  assert.ok(counts.refused > 50 && counts.accepted > 30)
})
