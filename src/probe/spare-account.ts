import { flat } from '../contract/objects/known-types.ts'
import { isObject } from '../contract/schema.ts'
import type { Identity } from './identity.ts'
import { withMember } from './plan/build-call.ts'
import type { ProbeOperation } from './plan/probe-operation.ts'
import { credentialIn, signInOf } from './sign-in.ts'
import { isYes, leavesOf } from './state/reply-facts.ts'
import type { MadeObject, World } from './state/world.ts'
import { callsFor, keyFor } from './steps-make.ts'

/** Signs in with an account that the probe registered; undefined where that is refused. */
export async function signInMade(world: World, made: MadeObject): Promise<Identity | undefined> {
  const operation = signInOf(world.operations)
  const call = operation === undefined ? undefined : callsFor(world, operation, undefined)[0]
  if (call === undefined || !isObject(call.body)) return undefined
  const sent = leavesOf(made.call.body).filter(({ path }) => path.length === 1)
  let body: unknown = call.body
  for (const name of Object.keys(call.body)) {
    const known =
      sent.find((one) => flat(one.name) === flat(name)) ??
      (/pass|pwd/i.test(name) ? sent.find((one) => /pass|pwd/i.test(one.name)) : undefined) ??
      (/user|login|name|handle/i.test(name)
        ? (sent.find((one) => /user|login|handle/i.test(one.name)) ??
          sent.find((one) => /mail/i.test(one.name)))
        : undefined)
    if (known !== undefined) body = withMember(body, [name], known.value)
  }
  const { reply } = await world.session.call(undefined, { ...call, body }, { throttled: true })
  const credential = isYes(reply) ? credentialIn(reply, world.contract) : undefined
  if (credential === undefined) return undefined
  world.session.hide(credential.value, `\${ACCOUNT}`)
  return { name: 'account', credentials: new Map([['*', credential]]), privileged: false, ids: new Map() }
}

/** The first account that the probe registered and that is still there, signed in; undefined where there is none. */
export async function spareOf(
  world: World,
): Promise<{ readonly identity: Identity; readonly made: MadeObject } | undefined> {
  for (const made of world.made.filter((one) => one.operation.signUp && !one.gone).slice(-2)) {
    const identity = await signInMade(world, made)
    if (identity !== undefined) return { identity, made }
  }
  return undefined
}

/** Ids of an operation that name the account itself. */
export function selfFills(operation: ProbeOperation, made: MadeObject): ReadonlyMap<string, unknown> {
  return new Map(
    operation.slots
      .filter(({ place, required }) => required && !place.startsWith('body/'))
      .map(({ place, name }) => [place, keyFor(name, made.call, made.id)]),
  )
}
