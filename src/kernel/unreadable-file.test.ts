import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { whyUnreadable } from './unreadable-file.ts'

test('a file that is not there, a folder, and what is below a file are told apart', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-unreadable-'))
  t.after(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'file'), '')
  const reasonOf = (name: string): string => {
    try {
      readFileSync(name)
    } catch (error) {
      return whyUnreadable(error).reason
    }
    return 'was read'
  }
  assert.equal(reasonOf(join(folder, 'none')), 'does not exist')
  assert.equal(reasonOf(folder), 'is a folder')
  assert.match(reasonOf(join(folder, 'file', 'below')), /no folder/)
})

test('rights are named, and what is unknown is not guessed', () => {
  const denied = whyUnreadable(Object.assign(new Error(), { code: 'EACCES' }))
  assert.equal(denied.reason, 'may not be read by this user (EACCES)')
  assert.match(denied.fix, /user that runs/)
  assert.equal(whyUnreadable(new Error()).reason, 'cannot be read (unknown error)')
})
