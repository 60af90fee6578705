import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ownerPaths } from './owner-paths.ts'

test('members of the reply that expressions read', () => {
  assert.deepEqual(ownerPaths('response.userId'), [['userId']])
  assert.deepEqual(ownerPaths("response['user'].id", undefined, 'response.user["id"] == caller.sub'), [
    ['user', 'id'],
  ])
  assert.deepEqual(ownerPaths('has(response.a) ? response.a : response.b'), [['a'], ['b']])
  assert.deepEqual(ownerPaths('path.userId', 'body.response.id', "'response.x'"), [])
})
