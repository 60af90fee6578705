import { claimsOf, type Identity } from '../identity.ts'
import { pathOf } from '../plan/build-call.ts'
import type { ProbeOperation } from '../plan/probe-operation.ts'
import { contractLine, functionLine, scopeLine } from '../policy-line.ts'
import { isOpen, reportWeakness } from '../report-weakness.ts'
import type { Exchange } from '../session.ts'
import { hasContent, isYes, jsonOf, likeness, pathsOf, skeleton } from '../state/reply-facts.ts'
import type { View, World } from '../state/world.ts'
import { shares } from './foreign-object.ts'
import { givesSame } from './missing-credential.ts'

/** API5: functions of staff, and scopes, with the token of somebody who has neither. */
export async function checkFunctions(world: World): Promise<void> {
  for (const operation of world.operations) {
    if (operation.declared.method !== 'GET' || operation.open) continue
    for (const identity of world.identities) {
      if (identity.privileged) continue
      const view = world.viewsOf(identity, operation).find(({ exchange }) => hasContent(exchange.reply))
      if (view === undefined) {
        if (operation.staff) await otherSpellings(world, operation, identity)
        continue
      }
      if (operation.staff) await staffRead(world, view, identity)
      else scopeRead(world, view, identity)
    }
  }
}

async function staffRead(world: World, view: View, identity: Identity): Promise<void> {
  const { operation, exchange } = view
  if (!isOpen(world, 'bfla.read', operation, '')) return
  const nobody = await world.session.call(undefined, view.call)
  if (givesSame(exchange, nobody) && !operation.secured) {
    reportWeakness(world, {
      rule: 'auth.missing',
      operation,
      detail: '',
      message: 'a function of staff answers without a credential',
      confidence: 'firm',
      policy: functionLine(operation),
      steps: [['without a credential', nobody]],
    })
    return
  }
  const staff = world.identities
    .filter((one) => one.privileged)
    .map((one) => world.viewsOf(one, operation)[0])
  const compared = staff.find((one) => one !== undefined)
  if (compared !== undefined && !resembles(compared.exchange, exchange)) return
  if (world.identities.some((one) => one.privileged) && compared === undefined) return
  reportWeakness(world, {
    rule: 'bfla.read',
    operation,
    detail: '',
    message: `a function of staff answers ${identity.name}`,
    confidence: compared === undefined ? 'firm' : 'certain',
    policy: functionLine(operation),
    steps: [
      ...(compared === undefined ? [] : [['staff reads', compared.exchange] as const]),
      [`${identity.name} reads the same`, exchange],
      ['the same without a credential', nobody],
    ],
  })
}

/** What staff gets, or at least its shape. */
function resembles(staff: Exchange, other: Exchange): boolean {
  const got = shares(staff, other, [], [])
  if (got.count > 0 && got.part >= 0.5) return true
  return got.part > 0 && likeness(pathsOf(jsonOf(staff.reply)), pathsOf(jsonOf(other.reply))) >= 0.6
}

/** Scopes that a token says it has; undefined where it says nothing. */
function scopesOf(identity: Identity): ReadonlySet<string> | undefined {
  const claims = claimsOf(identity)
  const value = claims?.['scope'] ?? claims?.['scp'] ?? claims?.['scopes']
  if (typeof value === 'string') return new Set(value.split(/[\s,]+/))
  return Array.isArray(value) ? new Set(value.map(String)) : undefined
}

/** Scopes that every way into an operation asks for and an identity has not got. */
export function missingScopes(operation: ProbeOperation, identity: Identity): readonly string[] {
  const scopes = scopesOf(identity)
  const ways = operation.declared.security
  if (scopes === undefined || ways.length === 0) return []
  const missing = ways.map((way) => way.flatMap((one) => one.scopes.filter((scope) => !scopes.has(scope))))
  return missing.some((one) => one.length === 0) ? [] : (missing[0] ?? [])
}

function scopeRead(world: World, view: View, identity: Identity): void {
  const missing = missingScopes(view.operation, identity)
  if (missing.length === 0) return
  reportScope(world, view.operation, identity, missing, view.exchange)
}

export function reportScope(
  world: World,
  operation: ProbeOperation,
  identity: Identity,
  missing: readonly string[],
  exchange: Exchange,
): void {
  reportWeakness(world, {
    rule: 'bfla.scope',
    operation,
    detail: '',
    message: `${identity.name} has not got the scope ${missing.join(' ')} that the contract asks for`,
    confidence: 'certain',
    policy: scopeLine(operation.declared.security[0]?.[0]?.scheme ?? ''),
    steps: [[`${identity.name} calls without the scope`, exchange]],
  })
}

/** The refused path in spellings that a router may take for the same and a check may not. */
async function otherSpellings(world: World, operation: ProbeOperation, identity: Identity): Promise<void> {
  const call = world.viewsOf(identity, operation)[0]?.call ?? world.build(operation, new Map())
  if (call === undefined || !isOpen(world, 'bfla.tampered', operation, '')) return
  const refused = await world.session.call(identity, call)
  if (refused.reply.status !== 401 && refused.reply.status !== 403) return
  const staff = world.identities
    .filter((one) => one.privileged)
    .flatMap((one) => world.viewsOf(one, operation))[0]
  const path = pathOf(call, world.session.prefix)
  const nowhere = await world.session.raw(
    identity,
    { method: 'GET', path: `${path.split('?')[0]}-${world.marker}` },
    operation.declared,
  )
  for (const [name, request] of spellings(path)) {
    const exchange = await world.session.raw(identity, request, operation.declared)
    if (!isYes(exchange.reply) || !hasContent(exchange.reply) || isYes(nowhere.reply)) continue
    // What the same address gives without the trick is not what was refused.
    if (request.headers !== undefined) {
      const { headers: _, ...bare } = request
      const plain = await world.session.raw(identity, bare, operation.declared)
      if (skeleton(plain.reply, []) === skeleton(exchange.reply, [])) continue
    }
    if (staff !== undefined ? !resembles(staff.exchange, exchange) : jsonOf(exchange.reply) === undefined)
      continue
    reportWeakness(world, {
      rule: 'bfla.tampered',
      operation,
      detail: '',
      message: `${identity.name} is refused, but not when it asks with ${name}`,
      confidence: staff === undefined ? 'firm' : 'certain',
      policy: contractLine(
        'paths that two parsers read differently are refused, the rest is judged as it is executed',
      ),
      steps: [
        [`${identity.name} asks plainly`, refused],
        [`${identity.name} asks with ${name}`, exchange],
      ],
    })
    return
  }
}

function spellings(
  path: string,
): readonly (readonly [
  string,
  { method: string; path: string; headers?: readonly (readonly [string, string])[] },
])[] {
  const [plain = '', query = ''] = path.split('?')
  const tail = query === '' ? '' : `?${query}`
  const at = plain.lastIndexOf('/')
  const [before, last] = [plain.slice(0, at), plain.slice(at + 1)]
  const root = { method: 'GET', path: '/' }
  return [
    ['a slash at the end', { method: 'GET', path: `${plain}/${tail}` }],
    ['capitals', { method: 'GET', path: plain.toUpperCase() + tail }],
    [
      'a capital',
      { method: 'GET', path: plain.replace(/\/([a-z])/, (_, c: string) => `/${c.toUpperCase()}`) + tail },
    ],
    ['two slashes', { method: 'GET', path: `${before}//${last}${tail}` }],
    ['a dot segment', { method: 'GET', path: `${before}/./${last}${tail}` }],
    [
      'an encoded letter',
      { method: 'GET', path: `${before}/%${last.charCodeAt(0).toString(16)}${last.slice(1)}${tail}` },
    ],
    ['a matrix parameter', { method: 'GET', path: `${plain};x=1${tail}` }],
    ['a suffix', { method: 'GET', path: `${plain}.json${tail}` }],
    ['a segment up', { method: 'GET', path: `${before}/x/..%2f${last}${tail}` }],
    ['a space at the end', { method: 'GET', path: `${plain}%20${tail}` }],
    ['X-Original-URL', { ...root, headers: [['x-original-url', path]] }],
    ['X-Rewrite-URL', { ...root, headers: [['x-rewrite-url', path]] }],
    [
      'X-Forwarded-For: 127.0.0.1',
      {
        method: 'GET',
        path,
        headers: [
          ['x-forwarded-for', '127.0.0.1'],
          ['x-real-ip', '127.0.0.1'],
        ],
      },
    ],
    [
      'X-Admin: true',
      {
        method: 'GET',
        path,
        headers: [
          ['x-admin', 'true'],
          ['x-role', 'admin'],
          ['x-user-role', 'admin'],
        ],
      },
    ],
  ]
}
