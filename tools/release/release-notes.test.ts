import assert from 'node:assert/strict'
import { test } from 'node:test'
import { releaseNotes } from './release-notes.ts'

const changelog =
  '# Changelog\n\n## Unreleased\n\n- new\n\n## 0.1.0 (2026-01-01)\n\n- first\n\n## 0.1.01\n\n- other\n'

test('the notes of a release are its part of the changelog, else what is unreleased', () => {
  assert.equal(releaseNotes(changelog, '0.1.0'), '- first\n')
  assert.equal(releaseNotes(changelog, '0.2.0'), '- new\n')
  assert.throws(() => releaseNotes('# Changelog\n', '0.2.0'), /says nothing of 0\.2\.0/)
})
