import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc, { type GeneratorValue } from 'fast-check'
import { loadContract } from '../../src/contract/load-contract.ts'
import type { Answered } from '../../src/kernel/facts.ts'
import { Fields } from '../../src/kernel/fields.ts'
import type { Operation } from '../../src/kernel/operation.ts'
import { isDenied } from '../../src/kernel/verdict.ts'
import type { ObjectRule, PropertyRule } from '../../src/stages/authorize/options.ts'
import { createScreen } from '../../src/stages/screen/screen.ts'
import { authorizeWith, policyPlace } from '../support/authorize-with.ts'
import { makeCall, makeInspected, makePrincipal } from '../support/make-call.ts'

// For random contracts, policies and calls no reply ever contains an object whose owner the rule excludes, or a property
// that the grant excludes. In process: authorize and screen as the gateway runs them, without sockets.

const folder = mkdtempSync(join(tmpdir(), 'sallyport-property-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const contracts = 220
const callsPerContract = 50

/** A random reply schema. `item`: an owned object; `box`: another object with a guarded property. */
type Tree =
  | { readonly kind: 'item' | 'heir' | 'box' | 'text' | 'maybe' | 'either' }
  | { readonly kind: 'list' | 'map'; readonly of: Tree }
  | { readonly kind: 'object'; readonly members: readonly Tree[] }
  | { readonly kind: 'pair'; readonly first: Tree; readonly rest: Tree }

const leaves = ['item', 'heir', 'box', 'text', 'maybe', 'either'] as const

function drawTree(g: GeneratorValue, depth: number): Tree {
  const kind = g(
    fc.constantFrom,
    ...(depth === 0 ? leaves : (['list', 'list', 'map', 'object', 'pair', ...leaves] as const)),
  )
  if (kind === 'list' || kind === 'map') return { kind, of: drawTree(g, depth - 1) }
  if (kind === 'pair') return { kind, first: drawTree(g, depth - 1), rest: drawTree(g, depth - 1) }
  if (kind === 'object') {
    const count = g(fc.integer, { min: 1, max: 3 })
    return { kind, members: Array.from({ length: count }, () => drawTree(g, depth - 1)) }
  }
  return { kind }
}

const ref = (name: string): object => ({ $ref: `#/components/schemas/${name}` })

function schemaOf(tree: Tree): object {
  switch (tree.kind) {
    case 'item':
      return ref('Item')
    case 'heir':
      return ref('Heir')
    case 'box':
      return ref('Box')
    case 'text':
      return { type: 'string' }
    case 'maybe':
      return { anyOf: [ref('Item'), { type: 'null' }] }
    case 'either':
      return { oneOf: [ref('Item'), ref('Box')] }
    case 'list':
      return { type: 'array', items: schemaOf(tree.of) }
    case 'map':
      return { type: 'object', additionalProperties: schemaOf(tree.of) }
    case 'pair':
      return { type: 'array', prefixItems: [schemaOf(tree.first)], items: schemaOf(tree.rest) }
    case 'object':
      return {
        type: 'object',
        properties: Object.fromEntries(tree.members.map((member, i) => [`m${i}`, schemaOf(member)])),
      }
  }
}

/** What a generated reply holds, so that the outcome can be judged without the code under test. */
interface Drawn {
  readonly owners: readonly string[]
  /** Probability of a deviation from the contract at one place, in percent. */
  readonly odd: number
  deviates: boolean
  count: number
}

function drawItem(g: GeneratorValue, drawn: Drawn, nested: boolean, heir: boolean): object {
  const owner = g(fc.constantFrom, ...drawn.owners)
  const mark = `mark:${owner}:${drawn.count++}`
  const held = { [g(fc.constantFrom, 'public', 'forAdmins', 'forOwner', 'forNobody')]: `held:${owner}` }
  return {
    mark,
    ...held,
    forAdmins: `admins:${owner}`,
    forOwner: `owner:${owner}`,
    forNobody: 'nobody',
    ...(nested ? { person: { id: owner } } : { owner }),
    ...(heir && { extra: 'x' }),
    ...(g(fc.boolean) && { box: drawBox(), undeclared: `mark:${owner}:${drawn.count++}` }),
  }
}

const drawBox = (): object => ({ label: 'box', sealed: 'nobody', inner: [{ label: 'in', sealed: 'nobody' }] })

function drawValue(g: GeneratorValue, tree: Tree, drawn: Drawn, nested: boolean): unknown {
  const value = drawProper(g, tree, drawn, nested)
  if (tree.kind === 'text' || tree.kind === 'box' || g(fc.nat, 99) >= drawn.odd) return value
  drawn.deviates = true
  return g(fc.constantFrom, [value], { m0: value }, { other: value }, [[value], value], null)
}

function drawProper(g: GeneratorValue, tree: Tree, drawn: Drawn, nested: boolean): unknown {
  const several = (of: Tree): unknown[] =>
    Array.from({ length: g(fc.nat, 3) }, () => drawValue(g, of, drawn, nested))
  switch (tree.kind) {
    case 'item':
    case 'heir':
      return drawItem(g, drawn, nested, tree.kind === 'heir')
    case 'box':
      return drawBox()
    case 'text':
      return 'text'
    case 'maybe':
      return g(fc.boolean) ? null : drawItem(g, drawn, nested, false)
    case 'either':
      return g(fc.boolean) ? drawBox() : drawItem(g, drawn, nested, false)
    case 'list':
      return several(tree.of)
    case 'map':
      return Object.fromEntries(several(tree.of).map((one, i) => [`k${i}`, one]))
    case 'pair':
      return [drawValue(g, tree.first, drawn, nested), ...several(tree.rest)]
    case 'object':
      return Object.fromEntries(
        tree.members.map((member, i) => [`m${i}`, drawValue(g, member, drawn, nested)]),
      )
  }
}

function documentOf(tree: Tree, nested: boolean): object {
  const text = { type: 'string' }
  const reply = (schema: object, status = '200'): object => ({
    [status]: { description: 'ok', content: { 'application/json': { schema } } },
  })
  const whose = nested
    ? { person: { type: 'object', required: ['id'], properties: { id: text } } }
    : { owner: text }
  return {
    openapi: '3.1.0',
    info: { title: 'Random', version: '1' },
    paths: {
      '/items/{id}': {
        parameters: [{ name: 'id', in: 'path', required: true, schema: text }],
        get: { operationId: 'read', responses: reply(ref('Item')) },
      },
      '/list': {
        get: {
          operationId: 'list',
          responses: { ...reply(schemaOf(tree)), ...reply(schemaOf(tree), '409') },
        },
      },
      '/search': {
        post: {
          operationId: 'search',
          responses: { ...reply(schemaOf(tree)), ...reply(schemaOf(tree), '409') },
        },
      },
    },
    components: {
      schemas: {
        Item: {
          type: 'object',
          required: ['mark', Object.keys(whose)[0]],
          properties: {
            mark: text,
            public: text,
            forAdmins: text,
            forOwner: text,
            forNobody: text,
            box: ref('Box'),
            ...whose,
          },
        },
        Heir: { allOf: [ref('Item'), { type: 'object', properties: { extra: text } }] },
        Box: {
          type: 'object',
          required: ['label'],
          properties: { label: text, sealed: text, inner: { type: 'array', items: ref('Box') } },
        },
      },
    },
  }
}

const guarded = ['Item.forAdmins', 'Item.forOwner', 'Item.forNobody', 'Box.sealed']
const conditions: readonly string[] = [
  "'admin' in caller.roles",
  'caller.sub == object.owner',
  'never',
  'never',
]

interface Counts {
  cases: number
  refused: number
  whole: number
  cut: number
  vain: number
}

async function runCase(
  g: GeneratorValue,
  tree: Tree,
  nested: boolean,
  operations: readonly Operation[],
  uses: (schema: string) => ReadonlySet<number>,
  counts: Counts,
): Promise<void> {
  const list = g(fc.constantFrom, 'filter', 'refuse') as 'filter' | 'refuse'
  const exempt = g(fc.boolean)
  const rule: ObjectRule = {
    name: 'item',
    id: 'path.id',
    owner: nested ? 'response.person.id' : 'response.owner',
    allow: exempt ? "'support' in caller.roles" : undefined,
    operations: undefined,
    place: policyPlace,
    list,
  }
  const properties = guarded.map((name, i): PropertyRule => {
    const schema = name.split('.')[0] ?? ''
    return {
      name,
      schema,
      read: conditions[i],
      write: undefined,
      operations: uses(schema),
      place: policyPlace,
    }
  })
  const authorize = authorizeWith(operations, { open: new Set([0, 1, 2]), objects: [rule], properties })
  const screen = createScreen(
    operations.map(() => ({ violations: 'observe', prune: 'enforce', maxBytes: 1e6, authenticated: true })),
  )
  const roles = g(fc.subarray, ['admin', 'support'])
  const honest = g(fc.boolean)
  const drawn: Drawn = {
    owners: honest ? ['123'] : ['123', '123', '456', '0123', '1'],
    odd: honest ? 0 : g(fc.constantFrom, 0, 5, 30),
    deviates: false,
    count: 0,
  }
  const reading = g(fc.nat, 4) === 0
  // A list, a search by POST, or the conflict that either reports.
  const operation = operations[reading ? 0 : g(fc.constantFrom, 1, 1, 2)] as Operation
  const status = reading ? 200 : g(fc.constantFrom, 200, 200, 409)
  const value = drawValue(g, reading ? { kind: 'item' } : tree, drawn, nested)
  const text = JSON.stringify(value)
  const call = makeCall(operation, {
    principal: makePrincipal('123', { roles }),
    params: reading ? { id: '1' } : {},
  })
  const grant = await authorize.run(call)
  if (isDenied(grant)) throw new Error(grant.reason)
  const answered: Answered = {
    ...makeInspected(call, undefined, grant),
    answer: {
      status,
      fields: new Fields(['content-type', 'application/json']),
      body: Buffer.from(text),
      wait: 1,
      tunnel: undefined,
    },
  }
  const reply = await screen.run(answered)
  counts.cases++
  const free = exempt && roles.includes('support')
  if (isDenied(reply)) {
    counts.refused++
    assert.ok(!honest, `an honest reply was refused: ${reply.reason} ${text}`)
    return
  }
  const left = String(reply.body)
  if (left === text) counts.whole++
  else counts.cut++
  if (!text.includes('mark:')) counts.vain++

  for (const [, owner] of left.matchAll(/"mark:([^:]+):/g))
    assert.ok(free || owner === '123', `an object of ${owner} left: ${left} of ${text}`)
  assert.ok(!left.includes('"nobody"'), `a property that nobody may read left: ${left} of ${text}`)
  assert.ok(!left.includes('undeclared'))
  for (const [, owner] of left.matchAll(/"owner:([^"]+)"/g)) assert.equal(owner, '123', left)
  if (!roles.includes('admin')) assert.ok(!left.includes('"admins:'), left)

  // The honest twin: of one's own objects nothing is lost but what nobody may read.
  if (honest) {
    const marks = (of: string): string[] => (of.match(/"mark":"[^"]+"/g) ?? []).sort()
    assert.deepEqual(marks(left), marks(text))
    assert.equal(left.match(/"owner:123"/g)?.length, text.match(/"owner:123"/g)?.length)
  }
}

test('no reply holds what the policy excludes', { timeout: 120_000 }, async (t) => {
  const counts: Counts = { cases: 0, refused: 0, whole: 0, cut: 0, vain: 0 }
  let file = 0
  await fc.assert(
    fc.asyncProperty(fc.gen(), async (g) => {
      const tree = drawTree(g, 3)
      const nested = g(fc.boolean)
      const name = join(folder, `${file++}.json`)
      writeFileSync(name, JSON.stringify(documentOf(tree, nested)))
      const contract = loadContract({ file: name, api: 'travel', guarded, budgetMs: 0 })
      for (let i = 0; i < callsPerContract; i++)
        await runCase(g, tree, nested, contract.operations, contract.uses, counts)
    }),
    { numRuns: contracts },
  )
  t.diagnostic(
    `${counts.cases} cases over ${contracts} contracts: ${counts.refused} refused, ${counts.cut} cut, ${counts.whole} whole, ${counts.vain} without an object`,
  )
  assert.ok(counts.cases >= 10_000)
  assert.ok(counts.refused > 100 && counts.cut > 1_000 && counts.vain < counts.cases / 2)
})
