import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { readLock } from '../supply-chain/read-lock.ts'
import { createSbom, findSbomFaults } from './sbom.ts'

const root = join(import.meta.dirname, '..', '..')

test('K01: the bill of materials is what the lock says, each with purl, digest and licence, the same every time', (t) => {
  const locked = readLock(join(root, 'package-lock.json'))
  const bill = createSbom(root, locked)
  assert.deepEqual(findSbomFaults(bill, locked), [])
  assert.equal(JSON.stringify(createSbom(root, locked)), JSON.stringify(bill))
  t.diagnostic(`${bill.components.length} components`)
  const [first, ...rest] = bill.components
  assert.ok(first !== undefined && rest.length > 50)
  const { purl: _, ...nameless } = first
  assert.match(
    findSbomFaults({ ...bill, components: rest }, locked)[0] ?? '',
    /is locked, and not in the bill/,
  )
  assert.match(findSbomFaults({ ...bill, components: [nameless, ...rest] }, locked)[0] ?? '', /has no purl/)
})
