import { isObject, own } from '../../contract/schema.ts'
import { below } from '../document/at.ts'
import type { AuditedDocument, AuditedOperation } from '../document/audited-document.ts'
import { has, titleOf } from '../facts.ts'
import { addMembers, advice, type Edit, type Fix, type Json } from '../fix.ts'
import type { Hits } from '../rule.ts'

/**
 * A check that an operation declares a reply with content. `status` is what the fix adds, `accepted` what is as good;
 * the fix names `components.responses.<component>` and adds that where it is missing.
 */
export function withResponse(
  status: string,
  accepted: readonly string[],
  component: string,
  description: string,
): (operation: AuditedOperation, document: AuditedDocument) => Hits {
  return (operation, document) => {
    const { responses } = operation
    if (responses === undefined) return undefined
    const reply = operation.replies.find((one) => accepted.includes(one.status.toUpperCase()))
    if (reply === undefined) {
      if (operation.replies.some((one) => one.status === 'default')) return undefined
      return {
        message: `${titleOf(operation)} declares no ${status}`,
        at: responses,
        fix: addResponse(operation, document, status, component, description),
      }
    }
    const described = document.version === '2.0' ? has(reply.node, 'schema') : has(reply.node, 'content')
    if (described) return undefined
    return {
      message: `the ${reply.status} of ${titleOf(operation)} does not say what it carries`,
      at: reply,
      fix: addMembers(reply, problemContent(document), { safe: true }),
    }
  }
}

const problem = {
  type: 'object',
  properties: {
    type: { type: 'string', format: 'uri-reference', maxLength: 200 },
    title: { type: 'string', maxLength: 200 },
    status: { type: 'integer', format: 'int32', minimum: 100, maximum: 599 },
    detail: { type: 'string', maxLength: 1000 },
    instance: { type: 'string', maxLength: 200 },
  },
} as const satisfies Json

function problemContent(document: AuditedDocument): Readonly<Record<string, Json>> {
  return document.version === '2.0'
    ? { schema: problem }
    : { content: { 'application/problem+json': { schema: problem } } }
}

function addResponse(
  operation: AuditedOperation,
  document: AuditedDocument,
  status: string,
  component: string,
  description: string,
): Fix {
  const { responses } = operation
  if (responses === undefined) return advice(`declare ${status}`)
  const [root, prefix, home] = homeOf(document)
  const known = usualReference(document, status)
  const reference = known ?? `#${prefix}/${component}`
  const also: Edit[] = []
  // Only what stands in the document itself can be named by `#/…`.
  if (responses.source !== document.root.source)
    return addMembers(responses, { [status]: { description, ...problemContent(document) } }, { safe: true })
  if (known === undefined && !has(home, component)) {
    const response: Record<string, Json> = { description, ...problemContent(document) }
    if (status === '429')
      response['headers'] = {
        'Retry-After':
          document.version === '2.0'
            ? { type: 'integer', format: 'int32', minimum: 0, maximum: 86400 }
            : {
                description: 'Seconds to wait',
                schema: { type: 'integer', format: 'int32', minimum: 0, maximum: 86400 },
              },
      }
    const members: Json =
      document.version === '2.0'
        ? { responses: { [component]: response } }
        : { components: { responses: { [component]: response } } }
    also.push({ kind: 'add', at: root, members: members as Record<string, Json> })
  }
  return addMembers(responses, { [status]: { $ref: reference } }, { safe: true, also })
}

function homeOf(
  document: AuditedDocument,
): readonly [AuditedDocument['root'], string, Record<string, unknown>] {
  const { root } = document
  if (document.version === '2.0') {
    const responses = own(root.node, 'responses')
    return [root, '/responses', isObject(responses) ? responses : {}]
  }
  const components = own(root.node, 'components')
  const responses = isObject(components) ? own(components, 'responses') : undefined
  return [root, '/components/responses', isObject(responses) ? responses : {}]
}

/** What other operations of the document refer to for that status. */
function usualReference(document: AuditedDocument, status: string): string | undefined {
  const known = usual.get(document)?.get(status)
  if (known !== undefined) return known === '' ? undefined : known
  const counts = new Map<string, number>()
  for (const { responses } of document.operations) {
    const written = responses === undefined ? undefined : own(responses.node, status)
    const reference = isObject(written) ? own(written, '$ref') : undefined
    if (
      typeof reference === 'string' &&
      reference.startsWith('#/') &&
      responses?.source === document.root.source
    )
      counts.set(reference, (counts.get(reference) ?? 0) + 1)
  }
  const best = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0]?.[0]
  const ofDocument = usual.get(document) ?? new Map<string, string>()
  usual.set(document, ofDocument.set(status, best ?? ''))
  return best
}

const usual = new WeakMap<AuditedDocument, Map<string, string>>()

/** The place of a member that may be missing: the member, else its holder. */
export function memberOr(
  at: Parameters<typeof below>[0] & { readonly node: Record<string, unknown> },
  key: string,
): ReturnType<typeof below> {
  return has(at.node, key) ? below(at, key) : at
}
