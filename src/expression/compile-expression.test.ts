import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Fields } from '../kernel/fields.ts'
import { Unusable } from '../kernel/finding.ts'
import { anonymous, type Principal } from '../kernel/principal.ts'
import { compileExpression } from './compile-expression.ts'
import { phaseOf } from './expression.ts'
import { ambiguous, exhausted, isFailure, missing, mistyped } from './failure.ts'
import { LibraryView } from './library-view.ts'
import type { Call, Scene } from './scene.ts'
import { environmentOf, type Variables } from './vocabulary.ts'

const place = { file: 'sallyport.yaml', line: 10, column: 5 }
const everything: Variables = {
  caller: 'any',
  path: 'any',
  query: 'any',
  header: 'any',
  cookie: 'any',
  body: 'any',
  object: 'any',
  response: 'any',
  request: 'any',
}

const principal: Principal = {
  ...anonymous,
  issuer: 'travel',
  sub: '123',
  client: 'app',
  roles: ['user', 'agent'],
  scopes: ['trips:read'],
  claims: Object.assign(Object.create(null), {
    tenant: 't1',
    level: 3,
    groups: ['a'],
    note: 'has admin in it',
  }),
  kind: 'jwt',
}

const call: Call = {
  principal,
  params: Object.assign(Object.create(null), { userId: '123', bookingId: 'b9' }),
  pairs: [
    { name: 'q', value: 'rome' },
    { name: 'id', value: '1' },
    { name: 'id', value: '2' },
    { name: '__proto__', value: 'polluted' },
  ],
  fields: new Fields(['x-plan', 'gold', 'x-twice', 'a', 'x-twice', 'b', 'cookie', 'sid=abc; theme=dark']),
  client: '192.0.2.7',
  method: 'GET',
  time: Date.UTC(2026, 10, 24, 9, 30),
}

const scene: Scene = {
  body: { username: 'ada', items: [{ id: '1' }, { id: '2' }], count: 5, flags: { on: true }, big: 2n ** 60n },
  object: { id: 'b9', owner: '123' },
  response: { userId: '7' },
}

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
        let compiled: ReturnType<typeof compile>
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
