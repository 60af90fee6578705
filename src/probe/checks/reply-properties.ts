import { wordsOf } from '../../contract/objects/noun.ts'
import type { ProbeOperation } from '../plan/probe-operation.ts'
import { controlLine, propertyLine } from '../policy-line.ts'
import { reportWeakness } from '../report-weakness.ts'
import type { Exchange } from '../session.ts'
import { jsonOf, type Leaf, leavesOf } from '../state/reply-facts.ts'
import type { World } from '../state/world.ts'
import { isContactName, isInternalName, isPublicCollection, isSecretName } from '../words.ts'

/** API3: what replies hold that they should not. */
export async function checkReplyProperties(world: World): Promise<void> {
  for (const identity of world.identities)
    for (const { operation, exchange } of world.views(identity)) {
      if (operation.signIn || !operation.reads) continue
      lookInto(world, operation, identity.name, exchange)
    }
}

function lookInto(world: World, operation: ProbeOperation, who: string, exchange: Exchange): void {
  const value = jsonOf(exchange.reply)
  if (value === undefined) return
  const undeclared = undeclaredNames(world, operation, exchange, value)
  const leaves = leavesOf(value)
  const secrets = namesWhere(
    leaves,
    (leaf) =>
      isSecretName(leaf.name) &&
      isTold(leaf) &&
      (alwaysSecret(leaf.name) || undeclared?.has(leaf.name) === true),
  )
  if (secrets.length > 0)
    reportWeakness(world, {
      rule: 'property.secret',
      operation,
      detail: '',
      message: `the reply to ${who} holds ${secrets.join(', ')}`,
      confidence: 'certain',
      policy: propertyLine(operation, schemaName(world, operation, exchange), secrets[0] ?? '', 'read'),
      steps: [[`${who} reads`, exchange]],
    })
  if (undeclared === undefined) return
  const open = isPublicCollection(operation.collection) || operation.open
  const internal = namesWhere(
    leaves,
    (leaf) =>
      undeclared.has(leaf.name) &&
      !secrets.includes(leaf.name) &&
      (isInternalName(leaf.name) || (open && isContactName(leaf.name))),
  )
  if (internal.length === 0) return
  reportWeakness(world, {
    rule: 'property.internal',
    operation,
    detail: '',
    message: `the reply to ${who} holds ${internal.join(', ')}, which the contract does not declare`,
    confidence: 'firm',
    policy: controlLine('response-schema'),
    steps: [[`${who} reads`, exchange]],
  })
}

/** Members that the contract does not declare for this reply; undefined where it declares none at all. */
function undeclaredNames(
  world: World,
  { slot }: ProbeOperation,
  { reply }: Exchange,
  value: unknown,
): ReadonlySet<string> | undefined {
  const media = reply.headers.get('content-type')?.split(';')[0]?.trim()
  const contract = world.contract.operations[slot]?.output.find(reply.status, media)
  if (contract?.hasSchema !== true) return undefined
  const removed = contract.prune(structuredClone(value))
  return new Set(
    removed.map((pointer) => (pointer.split('/').at(-1) ?? '').replaceAll('~1', '/').replaceAll('~0', '~')),
  )
}

function schemaName(world: World, { slot }: ProbeOperation, { reply }: Exchange): string | undefined {
  const media = reply.headers.get('content-type')?.split(';')[0]?.trim()
  return world.contract.operations[slot]?.output.find(reply.status, media)?.schema
}

/** Whatever the contract says. */
function alwaysSecret(name: string): boolean {
  return /\b(?:password|passwd|pwd|passphrase|hash|salt|pin|cvv|cvc|cvv2|card number|credit card|credit card number|pan|ssn|social security number|private key|client secret|mfa secret|totp secret|reset token|security answer)$/.test(
    wordsOf(name).join(' '),
  )
}

/** Not masked, not empty, not just whether there is one. */
function isTold({ value, name }: Leaf): boolean {
  if (typeof value === 'boolean') return false
  const text = String(value)
  if (text.length < 3 && !/pin|cvv|cvc/i.test(name)) return false
  return (
    !/^[*x•●.]+$/i.test(text) &&
    !/^(?:\*|x{3,}|•|\[?(?:redacted|masked|hidden|filtered|removed))/i.test(text) &&
    !/\*{3,}/.test(text)
  )
}

function namesWhere(leaves: readonly Leaf[], fits: (leaf: Leaf) => boolean): readonly string[] {
  return [...new Set(leaves.filter(fits).map(({ name }) => name))].sort().slice(0, 12)
}
