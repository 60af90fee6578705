import type { Identity } from '../identity.ts'
import { pathOf } from '../plan/build-call.ts'
import type { ProbeOperation } from '../plan/probe-operation.ts'
import { contractLine } from '../policy-line.ts'
import { isOpen, reportWeakness } from '../report-weakness.ts'
import type { Exchange } from '../session.ts'
import { hasContent, isYes, jsonOf, leavesOf, likeness, pathsOf, skeleton } from '../state/reply-facts.ts'
import type { View, World } from '../state/world.ts'
import { shares } from './foreign-object.ts'

const notDeclared = 'what the contract does not declare is refused: nothing to write'

/** API9: versions, paths and methods that the contract does not have. */
export async function checkInventory(world: World): Promise<void> {
  await checkVersions(world)
  await checkPaths(world)
  await checkMethods(world)
}

/** The same reads below other versions: old ones, next ones, ones that were never meant to be seen. */
async function checkVersions(world: World): Promise<void> {
  const { session } = world
  for (const identity of world.identities.slice(0, 2))
    for (const view of oneEach(world, identity)) {
      const path = pathOf(view.call, session.prefix)
      for (const other of versionsOf(path)) {
        const [version = ''] =
          /\/(?:v\d+(?:\.\d+)?|beta|internal|legacy|old|dev|test|staging)(?=\/|\?|$)/i.exec(other) ?? [other]
        if (!isOpen(world, 'inventory.version', undefined, version) || declares(world, other)) continue
        const exchange = await session.raw(identity, { method: 'GET', path: other }, view.operation.declared)
        if (!isYes(exchange.reply) || !hasContent(exchange.reply)) continue
        const nowhere = await session.raw(
          identity,
          { method: 'GET', path: other.replace(/\/[^/?]+(\?.*)?$/, `/${world.marker}/${world.marker}`) },
          view.operation.declared,
        )
        if (isYes(nowhere.reply) || !isSameKind(view.exchange, exchange)) continue
        if (!(await isSteady(world, exchange, nowhere, view.operation))) continue
        reportWeakness(world, {
          rule: 'inventory.version',
          operation: undefined,
          detail: version,
          message: `another version answers: ${other.split('?')[0]}`,
          confidence: 'certain',
          policy: contractLine(notDeclared),
          steps: [
            ['the declared version', view.exchange],
            ['the other version', exchange],
            ['a path below it that there is not', nowhere],
          ],
        })
      }
    }
}

/** Asked again, the one answers the same and the other does not. */
async function isSteady(
  world: World,
  found: Exchange,
  nowhere: Exchange,
  like: ProbeOperation | undefined,
): Promise<boolean> {
  for (const [exchange, is] of [
    [found, true],
    [nowhere, false],
  ] as const) {
    const { method, path } = exchange.request
    const again = await world.session.raw(exchange.identity, { method, path }, like?.declared)
    if (isYes(again.reply) !== is) return false
    if (is && skeleton(again.reply, []) !== skeleton(exchange.reply, [])) return false
  }
  return true
}

/** One view of each read, those with an object first. */
function oneEach(world: World, identity: Identity): readonly View[] {
  const seen = new Set<ProbeOperation>()
  return world.views(identity).filter(({ operation, exchange }) => {
    if (!operation.reads || seen.has(operation) || !hasContent(exchange.reply)) return false
    seen.add(operation)
    return true
  })
}

/** `/api/v2/users/1` → `/api/v1/users/1`, …; without a version, below the usual ones. */
function versionsOf(path: string): readonly string[] {
  const match = /\/v(\d+)(?:\.\d+)?(?=\/|\?|$)/i.exec(path)
  if (match === null) {
    const api = /^\/api(?=\/)/.exec(path)?.[0] ?? ''
    return ['v0', 'v1', 'v2', 'beta', 'internal', 'legacy', 'old'].map(
      (one) => `${api}/${one}${path.slice(api.length)}`,
    )
  }
  const at = match.index
  const number = Number(match[1])
  const names = [number - 1, number - 2, number + 1, 0, 1]
    .filter((one, i, all) => one >= 0 && one !== number && all.indexOf(one) === i)
    .map((one) => `v${one}`)
  const rest = path.slice(at + match[0].length)
  const moved = [...names, 'beta', 'internal', 'legacy', 'dev'].map(
    (one) => `${path.slice(0, at)}/${one}${rest}`,
  )
  // An old version often ends its paths earlier: `/v1/users/7/profile` was `/v0/users/7`.
  const shorter =
    /\/[^/?]+$/.exec(rest) !== null && rest.split('/').length > 3
      ? names.map((one) => `${path.slice(0, at)}/${one}${rest.replace(/\/[^/?]+(\?.*)?$/, '')}`)
      : []
  return [...moved, `${path.slice(0, at)}${rest}`, ...shorter]
}

function declares(world: World, path: string): boolean {
  const { prefix } = world.session
  if (!path.startsWith(prefix)) return false
  const plain = (path.split('?')[0] ?? '').slice(prefix.length).split('/')
  return world.operations.some(({ declared }) => {
    const parts = declared.template.split('/')
    return parts.length === plain.length && parts.every((part, i) => part.includes('{') || part === plain[i])
  })
}

function isSameKind(one: Exchange, other: Exchange): boolean {
  if (other.reply.text === one.reply.text) return true
  if (shares(one, other, [], []).part >= 0.4) return true
  const [a, b] = [jsonOf(one.reply), jsonOf(other.reply)]
  return a !== undefined && b !== undefined && pathsOf(a).size > 1 && likeness(pathsOf(a), pathsOf(b)) >= 0.5
}

/** Paths that programs bring along and their authors forget; with a sign of what is meant. */
const forgotten: readonly (readonly [string, RegExp])[] = [
  ['/.env', /^[A-Z][A-Z0-9_]{1,60}\s*=/m],
  ['/.git/HEAD', /^ref: refs\//],
  ['/.git/config', /\[core\]/],
  ['/actuator/env', /"propertySources"|"activeProfiles"/],
  ['/actuator', /"_links"/],
  ['/actuator/heapdump', /JAVA PROFILE/],
  ['/phpinfo.php', /phpinfo\(\)|PHP Version/],
  ['/server-status', /Apache Server Status/],
  ['/console', /Werkzeug|Interactive Console|H2 Console/i],
  ['/debug', /\S/],
  ['/debug/vars', /"memstats"|"cmdline"/],
  ['/debug/pprof/', /profile/],
  ['/_debug', /\S/],
  ['/api/debug', /\S/],
  ['/api/_debug', /\S/],
  ['/internal', /\S/],
  ['/internal/users', /\S/],
  ['/api/internal/users', /\S/],
  ['/backup', /\S/],
  ['/backup.sql', /CREATE TABLE|INSERT INTO/i],
  ['/dump', /\S/],
  ['/config', /\S/],
  ['/config.json', /[{]/],
  ['/api/config', /\S/],
  ['/env', /\S/],
  ['/admin', /\S/],
  ['/api/admin', /\S/],
  ['/admin/users', /\S/],
  ['/api/admin/users', /\S/],
  ['/admin/config', /\S/],
  ['/users/_debug', /\S/],
  ['/test', /\S/],
  ['/trace', /\S/],
  ['/logs', /\S/],
]

async function checkPaths(world: World): Promise<void> {
  const { session } = world
  const who = world.identities.find((one) => !one.privileged)
  const nowhere = await session.raw(who, { method: 'GET', path: `${session.prefix}/${world.marker}` })
  const prefixes = [
    ...new Set([
      '',
      session.prefix,
      ...world.operations.map(
        ({ declared }) => `${session.prefix}${/^\/(?:api\/)?v\d+(?=\/)/.exec(declared.template)?.[0] ?? ''}`,
      ),
    ]),
  ]
  // `/users/v1/_debug`: beside what is declared.
  const beside = [...new Set(world.operations.map(({ declared }) => declared.template.split('/{')[0] ?? ''))]
    .filter((one) => one.length > 1)
    .flatMap((one) =>
      ['_debug', 'debug', 'all', 'export'].map((word) => [`${session.prefix}${one}/${word}`, /\S/] as const),
    )
  const candidates = [
    ...prefixes.flatMap((prefix) => forgotten.map(([path, sign]) => [prefix + path, sign] as const)),
    ...beside,
  ]
  for (const [path, sign] of candidates) {
    if (declares(world, path) || !isOpen(world, 'inventory.path', undefined, path)) continue
    const exchange = await session.raw(undefined, { method: 'GET', path })
    const told = isTold(exchange, nowhere, sign) ? exchange : await withToken(world, who, path, exchange)
    if (told === undefined || !isTold(told, nowhere, sign)) continue
    const near = await session.raw(told.identity, { method: 'GET', path: `${path}-${world.marker}` })
    if (isYes(near.reply) || !(await isSteady(world, told, near, undefined))) continue
    reportWeakness(world, {
      rule: 'inventory.path',
      operation: undefined,
      detail: path,
      message: `an undeclared path answers: ${path}`,
      confidence: 'firm',
      policy: contractLine(notDeclared),
      steps: [
        ['the path', told],
        ['one that there is not', near],
      ],
    })
  }
}

/** The same with a credential, where there seems to be something. */
async function withToken(
  world: World,
  who: Identity | undefined,
  path: string,
  { reply }: Exchange,
): Promise<Exchange | undefined> {
  if (who === undefined || (reply.status !== 401 && reply.status !== 403)) return undefined
  return world.session.raw(who, { method: 'GET', path })
}

function isTold({ reply }: Exchange, nowhere: Exchange, sign: RegExp): boolean {
  if (!isYes(reply) || reply.text.trim().length < 2 || !sign.test(reply.text)) return false
  if (/text\/html/.test(reply.headers.get('content-type') ?? '') && sign.source === '\\S') return false
  return reply.text !== nowhere.reply.text && !isYes(nowhere.reply)
}

/** Methods that are not declared: those that read, and with `--write` those that change what the probe made. */
async function checkMethods(world: World): Promise<void> {
  const templates = new Map<string, ProbeOperation[]>()
  for (const one of world.operations)
    templates.set(one.declared.template, [...(templates.get(one.declared.template) ?? []), one])
  for (const operations of templates.values()) {
    const methods = new Set(operations.map(({ declared }) => declared.method))
    const [like] = operations
    if (like === undefined) continue
    if (!methods.has('GET') && like.slots.every(({ required }) => !required))
      await undeclaredRead(world, like)
  }
}

async function undeclaredRead(world: World, like: ProbeOperation): Promise<void> {
  const who = world.identities.find((one) => !one.privileged)
  const path = world.session.prefix + like.declared.template
  const exchange = await world.session.raw(who, { method: 'GET', path }, like.declared)
  if (!isYes(exchange.reply) || leavesOf(jsonOf(exchange.reply)).length < 2) return
  const nowhere = await world.session.raw(
    who,
    { method: 'GET', path: `${path}-${world.marker}` },
    like.declared,
  )
  if (isYes(nowhere.reply) || !(await isSteady(world, exchange, nowhere, like))) return
  reportWeakness(world, {
    rule: 'method.undeclared',
    operation: like,
    detail: 'GET',
    message: 'GET is answered, which the contract does not declare',
    confidence: 'firm',
    policy: contractLine('methods that are not declared are refused: nothing to write'),
    steps: [
      ['GET', exchange],
      ['a path that there is not', nowhere],
    ],
  })
}
