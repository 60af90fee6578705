import { flat } from '../../contract/objects/known-types.ts'
import { isObject } from '../../contract/schema.ts'
import { withMember } from '../plan/build-call.ts'
import { controlLine } from '../policy-line.ts'
import { isOpen, reportWeakness } from '../report-weakness.ts'
import type { Exchange } from '../session.ts'
import { isYes, jsonOf, leavesOf } from '../state/reply-facts.ts'
import type { World } from '../state/world.ts'
import { callsFor } from '../steps-make.ts'

/** API8: a condition or an operator in the place of a password gives a session. */
export async function checkSignInBypass(world: World): Promise<void> {
  for (const operation of world.operations.filter(({ signIn }) => signIn)) {
    const call = callsFor(world, operation, undefined)[0]
    if (call === undefined || !isObject(call.body)) continue
    const wrong = await world.session.call(undefined, call, { throttled: true })
    if (isYes(wrong.reply)) continue
    const names = leavesOf(call.body)
      .filter(({ path, value }) => path.length === 1 && typeof value === 'string')
      .map(({ name }) => name)
    const tries: readonly (readonly [string, string, unknown])[] = [
      ...["' OR '1'='1' -- ", "' OR 1=1 -- ", "admin' -- ", "admin'#", '" OR "1"="1" -- '].map(
        (text) => ['injection.sql', 'a condition', text] as const,
      ),
      ['injection.nosql', 'an operator', { $ne: null }],
      ['injection.nosql', 'an operator', { $gt: '' }],
    ]
    for (const [rule, what, value] of tries) {
      if (!isOpen(world, rule, operation, 'sign-in')) continue
      let body: unknown = call.body
      for (const name of names) body = withMember(body, [name], value)
      const exchange = await world.session.call(undefined, { ...call, body }, { throttled: true })
      if (!isYes(exchange.reply) || !givesSession(exchange)) continue
      reportWeakness(world, {
        rule,
        operation,
        detail: 'sign-in',
        message: `${what} in the place of a name and a password signs in`,
        confidence: 'certain',
        policy: controlLine('injection'),
        steps: [
          ['a wrong password', wrong],
          [what, exchange],
        ],
      })
    }
  }
}

function givesSession({ reply }: Exchange): boolean {
  if (reply.headers.has('set-cookie')) return true
  return leavesOf(jsonOf(reply)).some(
    ({ name, value }) => /token|jwt|session|apikey|key/.test(flat(name)) && String(value).length > 8,
  )
}
