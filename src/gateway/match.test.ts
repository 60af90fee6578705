import assert from 'node:assert/strict'
import { test } from 'node:test'
import { arrivedCall, plainOperation } from '../../test/flow/fakes.ts'
import { isDenied } from '../kernel/verdict.ts'
import { createMatch, type Mount, type OperationFinder } from './match.ts'

function finder(api: string): OperationFinder {
  return {
    find: (method, path) => {
      if (path !== '/things') return undefined
      return method === 'GET'
        ? { operation: plainOperation({ api }), params: {} }
        : { allow: ['GET', 'HEAD'] }
    },
  }
}

function mount(api: string, over: Partial<Mount> = {}): Mount {
  return { api, host: undefined, basePath: '', router: finder(api), ...over }
}

function run(mounts: readonly Mount[], over: { path?: string; method?: string; authority?: string }): string {
  const matched = createMatch(mounts)(arrivedCall(over))
  return isDenied(matched) ? matched.code : matched.operation.api
}

test('paths, methods and what is declared', () => {
  const mounts = [mount('a')]
  assert.equal(run(mounts, { path: '/things' }), 'a')
  assert.equal(run(mounts, { path: '/other' }), 'MATCH_NO_OPERATION')
  assert.equal(run(mounts, { path: '/things', method: 'DELETE' }), 'MATCH_METHOD')
})

test('405 names what is allowed', () => {
  const matched = createMatch([mount('a')])(arrivedCall({ path: '/things', method: 'PUT' }))
  assert.ok(isDenied(matched))
  assert.deepEqual(matched.fields, ['Allow', 'GET, HEAD'])
})

test('hosts are told apart without case, port or final dot, and there is no default host', () => {
  const mounts = [mount('a', { host: 'a.example' }), mount('b', { host: 'b.example' })]
  assert.equal(run(mounts, { authority: 'a.example' }), 'a')
  assert.equal(run(mounts, { authority: 'b.example:8443' }), 'b')
  assert.equal(run(mounts, { authority: 'b.example.' }), 'b')
  assert.equal(run(mounts, { authority: 'c.example' }), 'MATCH_HOST')
  assert.equal(run(mounts, { authority: '[::1]:80' }), 'MATCH_HOST')
})

test('base paths end at a segment, the longest first', () => {
  const mounts = [mount('a', { basePath: '/v1' }), mount('b', { basePath: '/v1/b' })]
  assert.equal(run(mounts, { path: '/v1/things' }), 'a')
  assert.equal(run(mounts, { path: '/v1/b/things' }), 'b')
  assert.equal(run(mounts, { path: '/v1things' }), 'MATCH_NO_OPERATION')
  assert.equal(run(mounts, { path: '/things' }), 'MATCH_NO_OPERATION')
})

test('1,000 hosts behave as one does (CVE-2026-27588)', () => {
  const mounts = Array.from({ length: 1000 }, (_, i) => mount(`api${i}`, { host: `h${i}.example` }))
  assert.equal(run(mounts, { authority: 'h500.example' }), 'api500')
  assert.equal(run(mounts, { authority: 'h5000.example' }), 'MATCH_HOST')
})
