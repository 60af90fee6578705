import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { call, everything, scene } from '../../test/support/expression-call.ts'
import { Unusable } from '../kernel/finding.ts'
import { compileExpression } from './compile-expression.ts'
import type { Expression } from './expression.ts'
import { isFailure } from './failure.ts'
import { LibraryView } from './library-view.ts'
import { environmentOf } from './vocabulary.ts'

const compile = (source: string): Expression =>
  compileExpression(source, { place: { file: 'sallyport.yaml' }, variables: everything, expects: 'any' })

describe('closures and library', () => {
  const scalar = fc.constantFrom(
    "'123'",
    'caller.sub',
    'path.userId',
    'path.nothing',
    'query.q',
    'query.id',
    'object.owner',
    "header['x-plan']",
    'caller.claims.tenant',
    'caller.claims.level',
    'caller.claims.absent',
    'body.username',
    'body.count',
    'body.items[0].id',
    'body.items[5].id',
    'body.flags.on',
    'body.nothing',
    '5',
    '3.5',
    'true',
    'caller.client',
  )
  const list = fc.constantFrom(
    'caller.roles',
    "['a', 'ada']",
    'body.items',
    'caller.claims.groups',
    'body.flags',
  )
  const condition: fc.Arbitrary<string> = fc.letrec<{ c: string }>((tie) => ({
    c: fc.oneof(
      { maxDepth: 4, depthIdentifier: 'c' },
      fc.tuple(scalar, fc.constantFrom('==', '!=', '<', '>='), scalar).map((parts) => parts.join(' ')),
      fc.tuple(scalar, list).map(([a, b]) => `${a} in ${b}`),
      fc.constantFrom(
        'has(body.username)',
        'has(body.nothing)',
        'has(body.flags.off)',
        'size(body.items) > 1',
      ),
      fc.constantFrom("body.items.exists(i, i.id == '2')", 'body.items.all(i, i.id != path.nothing)'),
      fc
        .tuple(scalar, fc.constantFrom('startsWith', 'contains'), scalar)
        .map(([a, f, b]) => `${a}.${f}(${b})`),
      fc.tuple(tie('c'), fc.constantFrom('&&', '||'), tie('c')).map(([a, o, b]) => `(${a} ${o} ${b})`),
      tie('c').map((c) => `!(${c})`),
      fc.tuple(tie('c'), tie('c'), tie('c')).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
    ),
  })).c

  it('agree on every expression that both can evaluate', (t) => {
    let direct = 0
    fc.assert(
      fc.property(condition, (source) => {
        let compiled: Expression
        try {
          compiled = compile(source)
        } catch (thrown) {
          assert.ok(thrown instanceof Unusable, String(thrown))
          return
        }
        if (compiled.engine !== 'direct') return
        direct++
        const ours = compiled.evaluate(call, scene)
        let theirs: unknown
        try {
          theirs = environmentOf(everything).parse(source)(new LibraryView(call, scene))
        } catch {
          theirs = undefined
        }
        assert.equal(isFailure(ours) ? undefined : ours, theirs, source)
      }),
      { numRuns: 3000 },
    )
    t.diagnostic(`${direct} expressions compared`)
    assert.ok(direct > 500)
  })

  it('nothing that is written throws anything but Unusable, nothing that is sent throws at all', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), condition), fc.anything(), (source, body) => {
        try {
          const compiled = compile(source)
          compiled.evaluate(call, { ...scene, body })
          compiled.text(call, { ...scene, body })
        } catch (thrown) {
          assert.ok(thrown instanceof Unusable, String(thrown))
        }
      }),
      { numRuns: 2000 },
    )
  })
})
