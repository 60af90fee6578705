import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Trail } from '../../kernel/trail.ts'
import { auditEventOf } from './audit-event.ts'
import { entryOf } from './entry.ts'
import { progressOf, sizes } from './sink.fixture.ts'

/** A trail as if stages and checks had come at these milliseconds. */
function trailAt(steps: readonly (readonly [number, 'stage' | 'check', string])[]): Trail {
  const trail = new Trail()
  for (const [at, kind, name] of steps)
    if (kind === 'stage') trail.times.push(name as 'match', at)
    else {
      trail.note(name.split('.')[0] as 'match', name, 'allow')
      trail.marks[trail.marks.length - 1] = at
    }
  return trail
}

const timesOf = (trail: Trail): readonly (readonly [string, number | undefined])[] => {
  const entry = entryOf({ ...progressOf('1'), trail }, 200, undefined, sizes, 0, 100)
  return auditEventOf(entry).notes.map(({ check, micros }) => [check, micros])
}

test('a check lasts from the check or the stage before it until it speaks', () => {
  assert.deepEqual(
    timesOf(
      trailAt([
        [1, 'stage', 'match'],
        [2, 'stage', 'identify'],
        [2.5, 'check', 'identify.jwt'],
        [3, 'stage', 'authorize'],
        [3.25, 'check', 'authorize.scope'],
        [4, 'check', 'authorize.object'],
        [5, 'stage', 'limit'],
        [6, 'stage', 'forward'],
        [10, 'check', 'authorize.read'],
        [11, 'stage', 'screen'],
        [11.5, 'check', 'screen.schema'],
        [12, 'stage', 'record'],
        [90, 'check', 'screen.context'],
      ]),
    ),
    [
      ['identify.jwt', 500],
      ['authorize.scope', 250],
      ['authorize.object', 750],
      ['authorize.read', 4000],
      ['screen.schema', 500],
      ['screen.context', undefined],
    ],
  )
})

test('what spoke before any stage, or without a time, has none', () => {
  assert.deepEqual(timesOf(trailAt([[1, 'check', 'listen.host']])), [['listen.host', undefined]])
  const trail = trailAt([
    [1, 'stage', 'match'],
    [2, 'check', 'match.origin'],
  ])
  trail.marks.length = 0
  assert.deepEqual(timesOf(trail), [['match.origin', undefined]])
})
