import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Fault } from '../../src/kernel/fault.ts'
import { ReplyReader } from '../../src/stages/forward/reply-reader.ts'
import { type CaseRow, readCases } from '../cases.ts'

interface ReplyRow extends CaseRow {
  readonly direction: string
  readonly raw_b64: string
}

/** What a reader makes of these octets and the end of the connection behind them. */
function outcomeOf(bytes: Buffer): 'whole' | 'refused' | 'rest' {
  const reader = new ReplyReader()
  let whole = false
  const sink = {
    head() {},
    data() {},
    complete() {
      whole = true
    },
  }
  reader.begin(sink, false, false)
  try {
    let at = reader.read(bytes, 0, bytes.length)
    // Replies to several requests in one vector.
    while (whole && at < bytes.length) {
      whole = false
      reader.begin(sink, false, false)
      at = reader.read(bytes, at, bytes.length)
    }
    reader.finish()
    return at === bytes.length ? 'whole' : 'rest'
  } catch (error) {
    assert.ok(error instanceof Fault && error.code === 'FORWARD_MALFORMED')
    return 'refused'
  }
}

it('replies of the llhttp suite: what must be refused is refused', (t) => {
  const rows = readCases<ReplyRow>(t, 'http/llhttp').filter((row) => row.direction === 'response')
  const refuse = rows.filter((row) => row.category === 'response_must_reject')
  const accept = rows.filter((row) => row.category === 'response_must_accept')
  const passed = refuse.filter((row) => outcomeOf(Buffer.from(row.raw_b64, 'base64')) !== 'refused')
  assert.deepEqual(
    passed.map((row) => row.title),
    [],
  )
  const strict = accept.filter((row) => outcomeOf(Buffer.from(row.raw_b64, 'base64')) === 'refused')
  t.diagnostic(`${rows.length} cases ran; ${refuse.length} refused as they must`)
  t.diagnostic(
    `${strict.length} of ${accept.length} that llhttp accepts are refused: ${strict.map((row) => row.title).join('; ')}`,
  )
})
