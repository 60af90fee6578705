import { isObject, own } from '../../contract/schema.ts'
import type { Identity } from '../identity.ts'
import type { Call } from '../plan/build-call.ts'
import type { ProbeOperation } from '../plan/probe-operation.ts'
import { contractLine } from '../policy-line.ts'
import { isOpen, reportWeakness } from '../report-weakness.ts'
import type { Exchange } from '../session.ts'
import { isYes, leavesOf } from '../state/reply-facts.ts'
import type { World } from '../state/world.ts'
import { callsFor, keep } from '../steps-make.ts'
import { isRedirectName, isUrlName } from '../words.ts'
import { type Place, placesOf } from './injection-places.ts'

const strangeHost = 'sallyport-probe.invalid'
const strange = `https://${strangeHost}`

/** API7: addresses that the API calls because a caller says so; and redirects to where a caller says. */
export async function checkServerRequests(world: World): Promise<void> {
  for (const operation of world.operations) {
    if (!operation.reads && !world.session.write) continue
    if (operation.declared.method === 'DELETE' || operation.signIn) continue
    for (const { identity, call } of requestsOf(world, operation))
      for (const place of placesOf(world, operation, identity, call)) {
        if (takesUrl(place) && world.canary !== undefined) await callCanary(world, place)
        if (operation.reads && (takesUrl(place) || isRedirectName(place.name)))
          await followRedirect(world, place)
      }
  }
}

function takesUrl({ name, format, value, sample }: Place): boolean {
  return (
    isUrlName(name) ||
    /^(?:uri|url|uri-reference|iri)$/.test(format) ||
    /^https?:\/\//.test(value) ||
    /^https?:\/\//.test(sample)
  )
}

function requestsOf(
  world: World,
  operation: ProbeOperation,
): readonly { readonly identity: Identity | undefined; readonly call: Call }[] {
  const identity = operation.open
    ? undefined
    : (world.identities.find((one) => !one.privileged && world.viewsOf(one, operation).length > 0) ??
      world.identities.find((one) => !one.privileged))
  if (operation.reads) {
    const view = identity === undefined ? undefined : world.viewsOf(identity, operation)[0]
    const call = view?.call ?? world.build(operation, new Map())
    return call === undefined ? [] : [{ identity, call }]
  }
  const made = world.made.find((one) => one.operation === operation)
  const [call] = made === undefined ? callsFor(world, operation, identity).slice(1) : [made.call]
  const first = call ?? callsFor(world, operation, identity)[0]
  return first === undefined
    ? []
    : [{ identity: made?.owner ?? identity, call: withUrls(world, operation, first) }]
}

/** Optional members that hold a URL are sent too. */
function withUrls(world: World, operation: ProbeOperation, call: Call): Call {
  const node = world.contract.resolve(operation.declared.body?.media[0]?.schema)
  const properties = isObject(node) ? own(node, 'properties') : undefined
  if (!isObject(properties) || !isObject(call.body)) return call
  const body = { ...call.body }
  for (const name of Object.keys(properties)) {
    const schema = properties[name]
    const resolved = isObject(schema) ? world.contract.resolve(schema) : undefined
    const format = isObject(resolved) ? String(own(resolved, 'format') ?? '') : ''
    const type = isObject(resolved) ? own(resolved, 'type') : undefined
    if (body[name] === undefined && type === 'string' && (isUrlName(name) || format === 'uri'))
      body[name] = 'https://example.com/'
  }
  return { ...call, body }
}

async function callCanary(world: World, place: Place): Promise<void> {
  const { canary, session } = world
  if (canary === undefined) return
  const addresses = [
    canary.url,
    `http://localhost:${canary.port}`,
    `http://127.1:${canary.port}`,
    `127.0.0.1:${canary.port}`,
  ]
  for (const address of addresses) {
    if (!isOpen(world, 'ssrf', place.operation, place.at)) return
    const word = `${world.marker}-${world.nextSeed().toString(36)}`
    const call = place.put(`${address}/${word}`)
    const exchange = await session.call(place.identity, call)
    if (!place.operation.reads && place.operation.creates !== undefined && isYes(exchange.reply))
      keep(world, place.operation, place.identity, call, exchange)
    const arrived = await canary.waitFor(word, isYes(exchange.reply) ? 700 : 150)
    if (!arrived) continue
    const shown =
      leavesOf(exchange.reply.text).length > 0 && exchange.reply.text.includes('sallyport-canary-answer')
    reportWeakness(world, {
      rule: 'ssrf',
      operation: place.operation,
      detail: place.at,
      message: `${place.at}: the API called the probe's own listener${shown ? ' and handed on what it answered' : ''}`,
      confidence: 'certain',
      policy: contractLine(
        'format: uri with a pattern of the hosts that may be called; controls: { schema: enforce }',
      ),
      steps: [['the address of the canary', exchange]],
    })
  }
}

async function followRedirect(world: World, place: Place): Promise<void> {
  if (!isOpen(world, 'redirect.open', place.operation, place.at)) return
  let exchange: Exchange | undefined
  for (const text of [
    `${strange}/${world.marker}`,
    `//${strangeHost}/${world.marker}`,
    `/\\${strangeHost}/${world.marker}`,
  ]) {
    const one = await world.session.call(place.identity, place.put(text))
    const { status, headers } = one.reply
    // What a browser makes of it: backslashes are slashes, and two of them begin a host.
    const location = (headers.get('location') ?? '').replaceAll('\\', '/')
    if (status >= 300 && status <= 399 && new RegExp(`^(?:https?:)?//${strangeHost}/`).test(location)) {
      exchange = one
      break
    }
  }
  if (exchange === undefined) return
  reportWeakness(world, {
    rule: 'redirect.open',
    operation: place.operation,
    detail: place.at,
    message: `${place.at}: the reply redirects to a host that the caller names`,
    confidence: 'certain',
    policy: contractLine('a pattern of the places that may be gone to'),
    steps: [['another host', exchange]],
  })
}
