import { authLine } from '../policy-line.ts'
import { isOpen, reportWeakness } from '../report-weakness.ts'
import type { Exchange } from '../session.ts'
import { hasContent, isYes, jsonOf, likeness, pathsOf } from '../state/reply-facts.ts'
import type { World } from '../state/world.ts'
import { shares } from './foreign-object.ts'

/** API2: what the contract wants a credential for, asked without one and with one that nobody issued. */
export async function checkMissingCredential(world: World): Promise<void> {
  for (const operation of world.operations) {
    if (!operation.secured || operation.declared.method !== 'GET') continue
    for (const identity of world.identities) {
      if (
        !isOpen(world, 'auth.missing', operation, '') ||
        !isOpen(world, 'auth.any-credential', operation, '')
      )
        break
      const view = world.viewsOf(identity, operation).find(({ exchange }) => hasContent(exchange.reply))
      if (view === undefined) continue
      const nobody = await world.session.call(undefined, view.call)
      if (givesSame(view.exchange, nobody)) {
        reportWeakness(world, {
          rule: 'auth.missing',
          operation,
          detail: '',
          message: 'answers without a credential',
          confidence: 'certain',
          policy: authLine(operation),
          steps: [
            [`${identity.name} reads`, view.exchange],
            ['the same without a credential', nobody],
          ],
        })
        break
      }
      const made = await world.session.call(identity, view.call, { token: madeUp })
      if (!givesSame(view.exchange, made)) break
      reportWeakness(world, {
        rule: 'auth.any-credential',
        operation,
        detail: '',
        message: 'answers whoever sends any credential at all',
        confidence: 'certain',
        policy: authLine(operation),
        steps: [
          [`${identity.name} reads`, view.exchange],
          ['the same without a credential', nobody],
          ['the same with a credential that nobody issued', made],
        ],
      })
      break
    }
  }
}

/** A credential of no kind in particular. */
const madeUp = 'sallyport-probe-made-up-credential'

/** True where a reply gives what the true one gives. */
export function givesSame(truth: Exchange, other: Exchange): boolean {
  if (!isYes(truth.reply) || !isYes(other.reply)) return false
  if (!hasContent(truth.reply) || !hasContent(other.reply)) return false
  if (other.reply.text === truth.reply.text) return true
  const got = shares(truth, other, [], [])
  if (got.count > 0) return got.part >= 0.6
  const [one, two] = [jsonOf(truth.reply), jsonOf(other.reply)]
  return one !== undefined && two !== undefined && likeness(pathsOf(one), pathsOf(two)) >= 0.7
}
