import { isCallId, isTechnicalId, parseIdName } from '../contract/objects/id-name.ts'
import { isObject, type JsonObject, own } from '../contract/schema.ts'
import type {
  AuditedDocument,
  AuditedMedia,
  AuditedOperation,
  AuditedParameter,
} from './document/audited-document.ts'

const writing: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])

export function isWrite(operation: AuditedOperation): boolean {
  return writing.has(operation.method)
}

export function isRead(operation: AuditedOperation): boolean {
  return operation.method === 'GET' || operation.method === 'HEAD'
}

/** True where `type` is that word, or a list with it. */
export function isType(node: JsonObject, type: string): boolean {
  const declared = own(node, 'type')
  return declared === type || (Array.isArray(declared) && declared.includes(type))
}

/** An object schema: by its type, or because it has properties. */
export function isObjectSchema(node: JsonObject): boolean {
  return isType(node, 'object') || (own(node, 'type') === undefined && isObject(own(node, 'properties')))
}

export function has(node: JsonObject, key: string): boolean {
  return own(node, key) !== undefined
}

export function textOf(node: JsonObject, key: string): string {
  const value = own(node, key)
  return typeof value === 'string' ? value : ''
}

/** Says in the contract that everybody may call it. */
export function isDeclaredPublic(operation: AuditedOperation): boolean {
  return operation.securityFrom !== 'none' && operation.security.length === 0
}

/** Needs a credential, whichever alternative a caller takes. */
export function needsCaller(operation: AuditedOperation): boolean {
  return operation.security.length > 0 && operation.security.every(({ schemes }) => schemes.size > 0)
}

export function titleOf(operation: AuditedOperation): string {
  return `${operation.method} ${operation.template}`
}

/** Words that an operation is known by: its id, path, tags. */
export function wordsOf(operation: AuditedOperation): string {
  return `${operation.id} ${operation.template.replaceAll(/\{[^}]*\}/g, ' ')} ${operation.tags.join(' ')}`
}

/** The last fixed segment of the path. */
export function lastSegment(operation: AuditedOperation): string {
  return operation.template.split('/').findLast((part) => part !== '' && !part.includes('{')) ?? ''
}

/** True where the contract (`x-sallyport`) or the policy has a rule of that kind for an operation. */
export function isGuarded(
  operation: AuditedOperation,
  document: AuditedDocument,
  control: 'object' | 'function' | 'limit' | 'content' | 'flow',
): boolean {
  if (document.guarded.get(titleOf(operation))?.has(control) === true) return true
  const keys = {
    object: 'objects',
    function: 'functions',
    limit: 'limits',
    content: 'content',
    flow: 'flows',
  }
  if (has(operation.rules, keys[control])) return true
  if (control === 'function') return has(operation.rules, 'allow')
  if (control !== 'object') return false
  return (
    operation.parameters.some((one) => isObject(own(one.node, 'x-sallyport'))) ||
    operation.replies.some(({ media }) => media.some(hasObjectRules))
  )
}

function hasObjectRules(media: AuditedMedia): boolean {
  const rules = media.schema === undefined ? undefined : own(media.schema.node, 'x-sallyport')
  return isObject(rules) && isObject(own(rules, 'objects'))
}

/** Parameters that name an object: `{bookingId}`, `?userId=`. */
export function objectIds(operation: AuditedOperation, place: string): readonly AuditedParameter[] {
  return operation.parameters.filter((one) => one.in === place && isObjectId(one.name, place))
}

export function isObjectId(name: string, place: string): boolean {
  if (isCallId(name) || isTechnicalId(name)) return false
  const { kind } = parseIdName(name)
  return kind === 'typed' || (kind === 'bare' && place === 'path')
}

/** `bookingId` → `booking`; `id` below `/bookings/` → `booking`. */
export function typeOfId(name: string, template: string): string {
  const { type } = parseIdName(name)
  if (type !== '') return type
  const parts = template.split('/')
  const at = parts.indexOf(`{${name}}`)
  const before = (parts[at - 1] ?? 'object').replaceAll(/[^A-Za-z0-9]/g, '')
  return before.replace(/ies$/, 'y').replace(/s$/, '') || 'object'
}

/** `2XX`, `200`. */
export function isSuccess(status: string): boolean {
  return /^2(?:\d\d|XX)$/i.test(status)
}

/** Whether a status is declared, also by its range or `default`. */
export function declares(operation: AuditedOperation, ...statuses: readonly string[]): boolean {
  return operation.replies.some(({ status }) =>
    statuses.some((one) => status === one || status.toUpperCase() === one || status === 'default'),
  )
}
