import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Unusable } from '../kernel/finding.ts'
import { withKeyFile } from './key-file.ts'

const parent = mkdtempSync(join(tmpdir(), 'sallyport-keys-'))
after(() => rmSync(parent, { recursive: true }))
const keysIn = (folder: string): string[] =>
  withKeyFile({ folder, name: 'a.key', rule: 'a.key', fix: 'restore it' }, (keys) =>
    keys.map((key) => Buffer.from(key).toString('base64url')),
  )
const folderOf = (name: string): string => join(parent, name)

test('a key is made once, for its owner alone, and nothing is left beside it', () => {
  const folder = folderOf('new')
  const [key = '', ...more] = keysIn(folder)
  assert.equal(Buffer.from(key, 'base64url').length, 32)
  assert.deepEqual(more, [])
  assert.deepEqual(keysIn(folder), [key])
  assert.deepEqual(readdirSync(folder), ['a.key'])
  assert.equal(statSync(join(folder, 'a.key')).mode & 0o777, 0o600)
  assert.equal(statSync(folder).mode & 0o777, 0o700)
})

test('several keys, one a line, in their order', () => {
  const folder = mkdtempSync(folderOf('lines-'))
  const keys = [1, 2].map((byte) => Buffer.alloc(32, byte).toString('base64url'))
  writeFileSync(join(folder, 'a.key'), `${keys.join('\r\n')}\n\n`, { mode: 0o600 })
  assert.deepEqual(keysIn(folder), keys)
})

test('a file that others may read, that is empty, or that is no key for its use stops the start', () => {
  const folder = mkdtempSync(folderOf('bad-'))
  const file = join(folder, 'a.key')
  writeFileSync(file, `${Buffer.alloc(32, 1).toString('base64url')}\n`, { mode: 0o600 })
  const fails = (words: RegExp, run: () => unknown): void => {
    assert.throws(run, (error) => error instanceof Unusable && words.test(error.findings[0]?.message ?? ''))
  }
  chmodSync(file, 0o640)
  fails(/chmod 600/, () => keysIn(folder))
  chmodSync(file, 0o600)
  fails(/too short/, () =>
    withKeyFile({ folder, name: 'a.key', rule: 'a.key', fix: '' }, () => {
      throw new Error('too short')
    }),
  )
  writeFileSync(file, '\n')
  fails(/no key/, () => keysIn(folder))
})
