import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'

const folder = process.env['SALLYPORT_CASES'] ?? fileURLToPath(new URL('../../shared/cases', import.meta.url))

/** Fields that every row of the third-party cases has, as far as suites read them. */
export interface CaseRow {
  readonly id: string
  readonly label: string
  readonly category: string
  readonly kind: string
  readonly family: string
  readonly title?: string
  readonly label_strength?: string
  readonly payload?: string
  readonly payload_b64?: string
}

/**
 * The rows of `<area>/<suite>.jsonl`. Where the cases are absent the test says so and is skipped; under `CI=true`
 * their absence fails it.
 */
export function readCases<Row extends CaseRow = CaseRow>(t: TestContext, suite: string): readonly Row[] {
  const file = join(folder, `${suite}.jsonl`)
  if (!existsSync(file)) {
    const message = `third-party cases ${suite} are not here: set SALLYPORT_CASES to their folder`
    if (process.env['CI'] === 'true') throw new Error(message)
    t.skip(message)
    return []
  }
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row)
}

/** The payload's bytes, however the row holds them. */
export function payloadOf(row: CaseRow): Buffer {
  return row.payload_b64 === undefined
    ? Buffer.from(row.payload ?? '')
    : Buffer.from(row.payload_b64, 'base64')
}
