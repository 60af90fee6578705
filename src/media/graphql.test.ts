import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type GraphqlLimits, judgeGraphqlDocument, judgeGraphqlRequest } from './graphql.ts'

const limits: GraphqlLimits = { depth: 4, aliases: 3, cost: 100, tokens: 300, batch: 2, introspection: false }
const judge = (text: string): unknown => judgeGraphqlDocument(text, limits)

describe('GraphQL documents', () => {
  it('pass within their limits, with the strings in them', () => {
    assert.deepEqual(judge('{ trip(id: "7") { name hotels(first: 5) { name city(in: {a: ["x"]}) } } }'), [
      '7',
      'x',
    ])
    assert.deepEqual(
      judge('mutation M($a: String = "d") { book(a: $a) @skip(if: false) { id __typename } }'),
      ['d'],
    )
  })

  it('are refused beyond them, fragments or not', () => {
    assert.equal(judge('{ a { b { c { d { e } } } } }'), 'too deep')
    assert.equal(
      judge('{ ...f } fragment f on A { b { c { ...g } } } fragment g on A { d { e { f } } }'),
      'too deep',
    )
    assert.equal(judge('{ a: x b: x c: x d: x }'), 'too many aliases')
    assert.equal(judge('{ ...f ...f } fragment f on A { a: x b: x }'), 'too many aliases')
    assert.equal(judge('{ a(first: 50) { b c } }'), 'too costly')
    assert.equal(judge('{ a(limit: 20) { b(last: 20) { c } } }'), 'too costly')
    assert.equal(judge(`{ ${'a '.repeat(101)} }`), 'too costly')
    assert.equal(judge(`{ ${'a '.repeat(400)} }`), 'syntax')
    assert.equal(judge('{ ...f } fragment f on A { ...g } fragment g on A { ...f }'), 'fragment cycle')
    assert.equal(judge('{ ...f }'), 'unknown fragment')
    assert.equal(judge('{'.repeat(10_000)), 'syntax')
    assert.equal(judge(`{ a(x: ${'['.repeat(10_000)}) }`), 'syntax')
  })

  it('a bomb of fragments is weighed in no time', () => {
    let text = '{ ...f0 }'
    for (let i = 0; i < 20; i++) text += ` fragment f${i} on A { ...f${i + 1} ...f${i + 1} }`
    text += ' fragment f20 on A { x }'
    const before = performance.now()
    assert.equal(judge(text), 'too costly')
    assert.ok(performance.now() - before < 500)
  })

  it('introspection is off unless it is allowed', () => {
    assert.equal(judge('{ __schema { types { name } } }'), 'introspection')
    assert.equal(judge('{ a { ... on Q { __type(name: "A") { name } } } }'), 'introspection')
    assert.deepEqual(
      judgeGraphqlDocument('{ __type(name: "A") { name } }', { ...limits, introspection: true }),
      ['A'],
    )
  })

  it('one operation runs, and it is there', () => {
    assert.equal(judge('query A { a } query B { b }'), 'no such operation')
    assert.deepEqual(judgeGraphqlDocument('query A { a } query B { b }', limits, 'B'), [])
    assert.equal(judgeGraphqlDocument('query A { a }', limits, 'C'), 'no such operation')
    assert.equal(judge('type A { a: Int }'), 'syntax')
    assert.equal(judge('query A { a } query A { b }'), 'syntax')
  })
})

describe('GraphQL requests', () => {
  it('carry variables and names as free text, and a list’s length in a variable', () => {
    assert.deepEqual(
      judgeGraphqlRequest(
        { query: 'query Q($n: Int) { a(first: $n) { b } }', variables: { n: 9, s: 'x' } },
        limits,
      ),
      [{ variables: { n: 9, s: 'x' } }],
    )
    assert.equal(
      judgeGraphqlRequest(
        { query: 'query Q($n: Int) { a(first: $n) { b } }', variables: { n: 900 } },
        limits,
      ),
      'too costly',
    )
  })

  it('batches are bounded, and what is none is refused', () => {
    const one = { query: '{ a }' }
    assert.deepEqual(judgeGraphqlRequest([one, one], limits), [{}, {}])
    assert.equal(judgeGraphqlRequest([one, one, one], limits), 'too many requests in a batch')
    assert.equal(judgeGraphqlRequest([], limits), 'too many requests in a batch')
    assert.equal(judgeGraphqlRequest({ extensions: { persistedQuery: {} } }, limits), 'no document')
    for (const bad of [1, 'x', null, { query: '{a}', variables: [] }, { query: '{a}', operationName: 1 }])
      assert.equal(judgeGraphqlRequest(bad, limits), 'not a graphql request')
  })

  it('whatever the document, a problem or texts come back', () => {
    const piece = fc.constantFrom(
      ...'{ } ( ) [ ] : $ ! @ ... " """ # a b __schema query fragment on 1 -1 1e9 true null'.split(' '),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (parts) => {
        const judged = judge(parts.join(' '))
        assert.ok(typeof judged === 'string' || Array.isArray(judged))
      }),
      { numRuns: 3_000 },
    )
  })
})
