import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Exception } from './exceptions.ts'
import { countProduction, findFaults } from './find-faults.ts'
import type { LockedPackage } from './read-lock.ts'

const fine: LockedPackage = {
  path: 'node_modules/a',
  name: 'a',
  version: '1.0.0',
  integrity: 'sha512-x',
  license: 'MIT',
}
const faultsOf = (over: Partial<LockedPackage>, exceptions: readonly Exception[] = []): readonly string[] =>
  findFaults([{ ...fine, ...over }], exceptions)

test('a package of the registry with a digest and a permissive licence is fine', () => {
  assert.deepEqual(faultsOf({}), [])
  assert.deepEqual(faultsOf({ license: '(MIT OR GPL-3.0)' }), [])
  assert.deepEqual(faultsOf({ resolved: 'https://registry.npmjs.org/a/-/a-1.0.0.tgz' }), [])
})

test('K04: each fault is named', () => {
  assert.match(faultsOf({ license: 'GPL-3.0' })[0] ?? '', /node_modules\/a: licence GPL-3\.0/)
  assert.match(faultsOf({ license: 'MIT AND GPL-3.0' })[0] ?? '', /licence/)
  assert.match(faultsOf({ hasInstallScript: true })[0] ?? '', /script on installation/)
  assert.match(faultsOf({ resolved: 'git+ssh://git@example.com/a.git' })[0] ?? '', /not from the registry/)
  assert.match(faultsOf({ resolved: 'https://registry.npmjs.org.evil.example/a.tgz' })[0] ?? '', /not from/)
  const { integrity: _, ...bare } = fine
  assert.match(findFaults([bare], [])[0] ?? '', /no digest/)
  assert.deepEqual(findFaults([{ ...bare, optional: true, os: ['darwin'] }], []), [])
})

test('an exception covers what it names, and nothing else; one that is not needed is a fault', () => {
  const exception: Exception = { name: 'a', what: 'licence', reason: 'because' }
  assert.deepEqual(faultsOf({ license: 'GPL-3.0' }, [exception]), [])
  assert.equal(faultsOf({ license: 'GPL-3.0', hasInstallScript: true }, [exception]).length, 1)
  assert.match(faultsOf({}, [exception])[0] ?? '', /needed no more/)
})

test('more production packages than agreed are a fault', () => {
  const many = Array.from({ length: 200 }, (_, n) => ({ ...fine, path: `node_modules/a${n}` }))
  assert.match(findFaults(many, [])[0] ?? '', /200 production packages/)
  assert.equal(countProduction([fine, { ...fine, dev: true }, { ...fine, optional: true }]), 1)
})
