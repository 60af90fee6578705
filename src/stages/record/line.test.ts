import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Rejected } from '../../kernel/door.ts'
import { Trail } from '../../kernel/trail.ts'
import { deny } from '../../kernel/verdict.ts'
import { auditEventOf } from './audit-event.ts'
import { bounds, cut } from './bounds.ts'
import { createChain } from './chain/chain.ts'
import { entryOfRejected } from './entry.ts'

const chain = createChain({ key: generateKeyPairSync('ed25519').privateKey })

/** A rejected request with the same hostile text wherever a caller has a say. */
function hostile(text: string): string {
  const trail = new Trail()
  trail.note('listen', 'listen.head', 'deny', 'LISTEN_MALFORMED', text)
  const rejected: Rejected = {
    id: text,
    time: 1_900_000_000_000,
    channel: {
      listener: '127.0.0.1:1',
      secure: false,
      protocol: '1.1',
      serverName: text,
      certificate: undefined,
    },
    peer: '192.0.2.1',
    client: text,
    method: text,
    path: text,
    denial: deny('LISTEN_MALFORMED', 'listen.head', text),
    trail,
  }
  return chain.line(auditEventOf(entryOfRejected(rejected, 400, 1, 0)))
}

const raw = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/

const texts = {
  'CR LF': 'a\r\n{"forged":true}',
  ESC: '\u001b[2J\u001b]0;title\u0007',
  NUL: 'a\0b',
  'C1 controls': 'a\u0085b\u009bc',
  'line separators': 'a\u2028b\u2029c',
  bidi: 'a\u202eb\u2066c\u061c',
  'end of the object': '"}\n{"status":200}',
  '64 KB': 'x'.repeat(65_536),
  '64 KB of what must be escaped': '\u202e'.repeat(65_536),
  'half a surrogate pair': `${'x'.repeat(bounds.text - 2)}\ud83d\ude00`,
  'lone surrogates': '\udc00\ud800',
} as const

for (const [name, text] of Object.entries(texts)) {
  test(`${name} stays one valid, bounded JSON line`, () => {
    const line = hostile(text)
    assert.doesNotMatch(line, raw)
    const event = JSON.parse(line) as { status: number; path: string; reason: string }
    assert.equal(event.status, 400)
    assert.equal(event.path, cut(text, bounds.path))
    assert.ok(event.path.length <= bounds.path && event.reason.length <= bounds.reason)
    assert.ok(line.length < 40_000, `${line.length}`)
  })
}

test('any text: one line, the same value', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      const line = hostile(text)
      assert.doesNotMatch(line, raw)
      assert.equal((JSON.parse(line) as { path: string }).path, text)
    }),
  )
})
