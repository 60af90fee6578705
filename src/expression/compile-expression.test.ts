import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { call, everything, scene } from '../../test/support/expression-call.ts'
import { Unusable } from '../kernel/finding.ts'
import { anonymous } from '../kernel/principal.ts'
import { compileExpression } from './compile-expression.ts'
import { phaseOf } from './expression.ts'
import { ambiguous, exhausted, isFailure, missing, mistyped } from './failure.ts'
import type { Call, Scene } from './scene.ts'
import type { Variables } from './vocabulary.ts'

const place = { file: 'sallyport.yaml', line: 10, column: 5 }
function compile(source: string, expects: 'bool' | 'string' | 'any' = 'any', variables = everything) {
  return compileExpression(source, { place, variables, expects })
}
const value = (source: string, on: Call = call, under: Scene = scene): unknown =>
  compile(source).evaluate(on, under)

function unusable(source: string, variables = everything, expects: 'bool' | 'string' | 'any' = 'any') {
  try {
    compile(source, expects, variables)
  } catch (thrown) {
    assert.ok(thrown instanceof Unusable, String(thrown))
    const [finding] = thrown.findings
    assert.ok(finding !== undefined)
    return finding
  }
  return assert.fail(`compiled: ${source}`)
}

describe('expression values', () => {
  const table: readonly (readonly [string, unknown])[] = [
    ['path.userId', '123'],
    ['caller.sub', '123'],
    ['caller.sub == path.userId', true],
    ['caller.sub == object.owner', true],
    ['caller.sub != response.userId', true],
    ['body.username', 'ada'],
    ['body.items[0].id', '1'],
    ["body['flags'].on", true],
    ["'agent' in caller.roles", true],
    ["'admin' in caller.roles", false],
    ["'flags' in body", true],
    ["'q' in query", true],
    ['query.q', 'rome'],
    ["header['X-Plan']", 'gold'],
    ['cookie.sid', 'abc'],
    ['request.ip', '192.0.2.7'],
    ['request.host', 't1.api.example'],
    ["request.host == caller.claims.tenant + '.api.example'", true],
    ['request.method == "GET" && request.time.getHours() == 9', true],
    ['body.count > 4 && body.count <= 5', true],
    ['body.big > 1152921504606846975', true],
    ['size(body.items) == 2 && body.items.size() == 2', true],
    ["body.items.all(i, i.id in ['1', '2'])", true],
    ["body.items.exists(i, i.id == '2')", true],
    ["body.items.exists_one(i, i.id == '2')", true],
    ["body.items.map(i, i.id) == ['1', '2']", true],
    ["body.items.filter(i, i.id == '1').map(i, i.id)[0]", '1'],
    ["body.items.map(i, i.id != '1', i.id)", ['2']],
    ['has(body.username) && !has(body.nothing)', true],
    ['has(query.id)', true],
    ["body.username.matches('^a.a$')", true],
    ["body.username.startsWith('a') && body.username.endsWith('a') && body.username.contains('d')", true],
    ["'ADA'.lowerAscii() == body.username", true],
    ["caller.claims.level == 3 ? 'three' : 'other'", 'three'],
    ["caller.claims['tenant']", 't1'],
    ['1 + 2 == 3', true],
    ["path.userId + '/' + path.bookingId", '123/b9'],
    ['int(path.userId) + 1 == 124', true],
  ]
  for (const [source, expected] of table)
    it(source, () => {
      assert.deepEqual(value(source), expected)
    })

  const failures: readonly (readonly [string, unknown])[] = [
    ['path.nothing', missing],
    ['query.id', ambiguous],
    ["header['x-twice']", ambiguous],
    ['body.nothing == 1', missing],
    ['body.nothing.deeper', missing],
    ['body.items[7].id', missing],
    ['body.items[-1]', missing],
    ['query.constructor', missing],
    ['body.__proto__x', missing],
    ['body.constructor', missing],
    ['body.toString', missing],
    ["body['__proto__']", missing],
    ["body['hasOwnProperty']", missing],
    ["caller.claims['constructor']", missing],
    ["'admin' in caller.claims.note", mistyped],
    ["'1' in 'x1x'.split('x') && int(body.username) == 1", undefined],
    ['!body.username', mistyped],
    ['body.username > 3', mistyped],
    ["caller.claims.absent == 'x' && caller.sub == '123'", missing],
    ["caller.claims.absent != 'x'", missing],
    ['1 / 0 == 1', undefined],
    ['size(body.count) > 0', mistyped],
  ]
  for (const [source, expected] of failures)
    it(`${source} has no value`, () => {
      const outcome = value(source)
      assert.ok(isFailure(outcome), String(outcome))
      if (expected !== undefined) assert.equal(outcome, expected)
      assert.equal(compile(source).holds(call, scene), false)
    })

  it('a failure is outweighed by the side that decides, as CEL has it', () => {
    assert.equal(value("caller.claims.absent == 'x' || caller.sub == '123'"), true)
    assert.equal(value("caller.claims.absent == 'x' && caller.sub == '9'"), false)
  })

  it('an anonymous caller has no subject: the empty string equals no owner', () => {
    const nobody = { ...call, principal: anonymous }
    const ownerless = { ...scene, object: { id: 'x', owner: '' } }
    assert.equal(value('caller.sub == object.owner', nobody, ownerless), missing)
    assert.equal(value('caller.issuer', nobody), missing)
    assert.equal(value("caller.sub + ''", nobody), missing)
  })

  it('reads __proto__ as a name like any other', () => {
    assert.equal(value("query['__proto__']"), 'polluted')
    assert.equal(value("'__proto__' in header"), false)
  })

  it('bounds the items it visits', () => {
    const many = { ...scene, body: { items: Array.from({ length: 100 }, (_, i) => i) } }
    const nested = 'body.items.all(a, body.items.all(b, a + b >= 0 || a == b))'
    assert.throws(() => compile(nested), Unusable)
    assert.equal(value('body.items.all(a, body.items.all(b, a >= 0 || b >= 0))', call, many), exhausted)
    assert.equal(value('body.items.all(a, a >= 0)', call, many), true)
    const long = { ...scene, body: Array.from({ length: 5000 }, () => 1) }
    assert.equal(value('body.all(a, a == 1)', call, long), exhausted)
    assert.equal(value('body.exists(a, a == 1)', call, long), true)
  })

  it('matches in linear time', () => {
    const started = performance.now()
    assert.equal(value("body.matches('^(a+)+$')", call, { ...scene, body: `${'a'.repeat(50_000)}!` }), false)
    assert.ok(performance.now() - started < 2000)
  })

  it('text() takes strings, exact numbers and booleans alone', () => {
    const text = (source: string, body: unknown) => compile(source).text(call, { ...scene, body })
    assert.equal(text('body', 'x'), 'x')
    assert.equal(text('body', 12), '12')
    assert.equal(text('body', 12n), '12')
    assert.equal(text('body', true), 'true')
    assert.equal(text('body', 2 ** 53), mistyped)
    assert.equal(text('body', ['x']), mistyped)
    assert.equal(text('body', { $ne: null }), mistyped)
    assert.equal(text('body', null), mistyped)
  })
})

describe('expression phases', () => {
  it('follow from what is read', () => {
    assert.equal(phaseOf(compile('caller.sub == path.userId')), 'head')
    assert.equal(phaseOf(compile('caller.sub == body.userId')), 'input')
    assert.equal(phaseOf(compile('response.userId == caller.sub && body.x == 1')), 'reply')
    assert.deepEqual([...compile('caller.sub == body.x').uses], ['caller', 'body'])
  })
})

describe('expression errors at start', () => {
  it('an unknown variable, with place and suggestion', () => {
    const finding = unusable("'admin' in calller.roles")
    assert.equal(finding.fix, 'did you mean "caller"?')
    assert.deepEqual(finding.place, { file: 'sallyport.yaml', line: 10, column: 16 })
  })
  it('an unknown field of a variable of known shape', () => {
    assert.equal(unusable("'x' in caller.rolez").fix, 'did you mean "caller.roles"?')
    assert.equal(unusable("caller['subb'] == 'x'").fix, 'did you mean "caller.sub"?')
    const params: Variables = { caller: 'any', path: ['userId'] }
    assert.equal(unusable('path.userID', params).fix, 'did you mean "path.userId"?')
    assert.equal(unusable('path.other', params).fix, undefined)
    assert.deepEqual(unusable('caller.sub ==\n  path.userID', params).place, {
      file: 'sallyport.yaml',
      line: 11,
      column: 8,
    })
  })
  it('a variable that is not known where the expression stands', () => {
    assert.match(unusable('response.x', { caller: 'any' }).message, /"response" is not known here/)
  })
  for (const source of [
    '',
    'caller.sub ==',
    'caller.sub == 3',
    'caller.sub + 1',
    "caller.roles == 'admin'",
    'caller',
    'caller == caller',
    'size(object)',
    'caller[path.x]',
    'nosuch(1)',
    'body.x.matches(body.pattern)',
    "body.x.matches('(')",
    'body.items.all(i, i.n + 1 > 0)',
    'cel.bind(x, body, x == 1)',
    `${'!'.repeat(100)}true`,
    `caller.sub == '${'x'.repeat(5000)}'`,
    `[${'1,'.repeat(600)}1] == [1]`,
    "path.a.b.c == 'x'",
  ])
    it(`refuses ${source.slice(0, 50)}`, () => {
      unusable(source)
    })
  it('a condition that is not a condition, a key that is not text', () => {
    unusable('caller.sub', everything, 'bool')
    unusable('caller.roles', everything, 'string')
    compile('body.flag', 'bool')
    compile('body.name', 'string')
  })
})
