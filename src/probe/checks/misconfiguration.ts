import type { Identity } from '../identity.ts'
import { bodyOf, pathOf } from '../plan/build-call.ts'
import type { ProbeOperation } from '../plan/probe-operation.ts'
import { contractLine } from '../policy-line.ts'
import { isOpen, reportWeakness } from '../report-weakness.ts'
import type { Exchange } from '../session.ts'
import type { View, World } from '../state/world.ts'
import { callsFor } from '../steps-make.ts'

const origin = 'https://sallyport-probe.invalid'

/** API8: origins, errors, banners, TRACE. */
export async function checkMisconfiguration(world: World): Promise<void> {
  const view = world.identities.flatMap((one) => world.views(one)).find(({ operation }) => operation.reads)
  await checkOrigins(world)
  await provokeErrors(world)
  for (const exchange of world.shown) {
    if (!isOpen(world, 'error.verbose', undefined, '')) break
    reportWeakness(world, {
      rule: 'error.verbose',
      operation: undefined,
      detail: '',
      message: `an error shows the inside of the program (${exchange.request.method} ${exchange.request.path.split('?')[0]})`,
      confidence: 'certain',
      policy: contractLine(
        'replies that the contract does not declare are replaced; stack traces do not leave',
      ),
      steps: [['a request that fails', exchange]],
    })
  }
  if (view !== undefined) checkBanner(world, view)
  await checkTrace(world, view)
}

async function checkOrigins(world: World): Promise<void> {
  const views: View[] = []
  for (const identity of world.identities)
    for (const view of world.views(identity))
      if (view.operation.reads && !views.some((one) => one.operation === view.operation)) views.push(view)
  for (const view of views.slice(0, 8)) {
    const identity = world.identities.find((one) => world.views(one).includes(view))
    const plain = await world.session.call(identity, view.call, { headers: [['origin', origin]] })
    const allowed = plain.reply.headers.get('access-control-allow-origin')
    const cookies = plain.reply.headers.get('access-control-allow-credentials') === 'true'
    const sandboxed =
      allowed === undefined || allowed === '*'
        ? undefined
        : await world.session.call(identity, view.call, { headers: [['origin', 'null']] })
    const none = sandboxed?.reply.headers.get('access-control-allow-origin') === 'null'
    if ((allowed === origin || none) && cookies) {
      reportOrigin(
        world,
        'cors.reflected',
        view.operation,
        plain,
        'any origin may read replies with the caller’s cookies',
      )
      return
    }
    if (
      (allowed === origin || allowed === '*') &&
      !view.operation.open &&
      isOpen(world, 'cors.any', undefined, '')
    )
      reportOrigin(world, 'cors.any', view.operation, plain, 'any origin may read replies')
  }
}

function reportOrigin(
  world: World,
  rule: string,
  operation: ProbeOperation,
  exchange: Exchange,
  message: string,
): void {
  reportWeakness(world, {
    rule,
    operation: undefined,
    detail: '',
    message: `${message} (${operation.title})`,
    confidence: 'certain',
    policy: contractLine(
      'the gate lets no Access-Control-Allow-Origin of the upstream through that is not declared',
    ),
    steps: [['from an origin of our own', exchange]],
  })
}

/** Requests that a careless program breaks on. */
async function provokeErrors(world: World): Promise<void> {
  const { session } = world
  const [who] = world.identities
  for (const path of ['/%', `/${world.marker}%ff`, '/%00', `/${'a'.repeat(3000)}`])
    await session.raw(who, { method: 'GET', path: session.prefix + path })
  for (const operation of world.operations) {
    if (!isOpen(world, 'error.verbose', undefined, '') || world.shown.length > 0) return
    if (operation.declared.method === 'GET') await breakRead(world, operation, who)
    else if (session.write && operation.declared.body !== undefined && operation.declared.method !== 'DELETE')
      await breakBody(world, operation, who)
  }
}

async function breakRead(world: World, operation: ProbeOperation, who: Identity | undefined): Promise<void> {
  const call =
    (who === undefined ? undefined : world.viewsOf(who, operation)[0]?.call) ??
    world.build(operation, new Map())
  if (call === undefined) return
  for (const one of operation.declared.parameters
    .filter(({ in: place }) => place === 'path' || place === 'query')
    .slice(0, 4))
    for (const text of ['{{', "a'b", '99999999999999999999', '[]'])
      await world.session.call(
        who,
        one.in === 'path'
          ? { ...call, path: new Map([...call.path, [one.name, text]]) }
          : { ...call, query: [...call.query.filter(([name]) => name !== one.name), [one.name, text]] },
      )
}

/** A body that is no JSON, or not of the kind that is asked for: it is refused before anything is done. */
async function breakBody(world: World, operation: ProbeOperation, who: Identity | undefined): Promise<void> {
  const call = callsFor(world, operation, who)[0]
  const body = call === undefined ? undefined : bodyOf(call)
  if (call === undefined || body === undefined) return
  for (const text of ['{"a":', 'null', '[]'])
    await world.session.raw(
      operation.open ? undefined : who,
      {
        method: operation.declared.method,
        path: pathOf(call, world.session.prefix),
        headers: [['content-type', body.type]],
        body: text,
      },
      operation.declared,
      { throttled: operation.signIn || operation.signUp },
    )
}

function checkBanner(world: World, { exchange }: View): void {
  const { headers } = exchange.reply
  const told = ['server', 'x-powered-by', 'x-aspnet-version', 'x-runtime', 'x-generator'].flatMap((name) => {
    const value = headers.get(name)
    return value !== undefined && (/\d/.test(value) || name !== 'server') ? [name] : []
  })
  if (told.length === 0) return
  reportWeakness(world, {
    rule: 'banner',
    operation: undefined,
    detail: '',
    message: `replies tell product and version (${told.join(', ')})`,
    confidence: 'certain',
    policy: contractLine('the gate takes Server and X-Powered-By away'),
    steps: [['any reply', exchange]],
  })
}

async function checkTrace(world: World, view: View | undefined): Promise<void> {
  for (const path of [...(view === undefined ? [] : [pathOf(view.call, world.session.prefix)]), '/']) {
    const exchange = await world.session.raw(undefined, {
      method: 'TRACE',
      path,
      headers: [['x-sallyport-probe', world.marker]],
    })
    if (exchange.reply.status !== 200 || !exchange.reply.text.includes(world.marker)) continue
    reportWeakness(world, {
      rule: 'method.trace',
      operation: undefined,
      detail: '',
      message: 'TRACE repeats the request, its headers too',
      confidence: 'certain',
      policy: contractLine('methods that are not declared are refused'),
      steps: [['TRACE', exchange]],
    })
    return
  }
}
