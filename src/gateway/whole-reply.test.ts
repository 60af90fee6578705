import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeCall, makeInspected, makeOperation } from '../../test/support/make-call.ts'
import { emptyGrant, type Grant } from '../kernel/grant.ts'
import type { ReplyProof } from '../kernel/reply-proof.ts'
import { askForWholeReply } from './whole-reply.ts'

const proof: ReplyProof = {
  enforced: true,
  judge: () => ({ removed: 0 }),
  unproven: () => undefined,
}
const sent = [
  'accept',
  'a/b',
  'if-none-match',
  '"1"',
  'range',
  'bytes=0-1',
  'if-match',
  '"2"',
  'if-range',
  'x',
]
const ask = (grant: Grant): readonly string[] =>
  askForWholeReply(makeInspected(makeCall(makeOperation(0, 'GET /a'), { fields: sent }), undefined, grant))
    .fields.flat

test('a reply that must prove something is asked for whole', () => {
  assert.deepEqual(ask({ ...emptyGrant, proof }), ['accept', 'a/b', 'if-match', '"2"'])
  assert.deepEqual(ask(emptyGrant), sent)
})
