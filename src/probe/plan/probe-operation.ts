import type { DeclaredOperation } from '../../contract/declared.ts'
import type { LoadedContract } from '../../contract/load-contract.ts'
import type { IdShape, ObjectIds } from '../../contract/objects/id-map.ts'
import { parseIdName, typeOfCollection } from '../../contract/objects/id-name.ts'
import { wordsOf } from '../../contract/objects/noun.ts'
import {
  isCredentialWord,
  isHarmfulWord,
  isQualifier,
  isSignInWord,
  isSignUpWord,
  isStaffWord,
} from '../words.ts'
import { idOf } from './build-call.ts'

/** A place of a request where an id of an object goes. */
export interface IdSlot {
  /** `path.userId`, `query.account`, `header.x-user`, `body/orderId`, `body/ids/*`. */
  readonly place: string
  readonly name: string
  readonly type: string
  readonly required: boolean
  readonly many: boolean
}

/** An operation with what the probe must know about it. */
export interface ProbeOperation {
  readonly declared: DeclaredOperation
  readonly slot: number
  /** `GET /users/{id}` */
  readonly title: string
  /** GET or HEAD, and nothing says that something is done by it. */
  readonly reads: boolean
  /** A GET by which something is done: it is never sent. */
  readonly harmful: boolean
  /** Types of objects whose ids some reply of the contract gives. */
  readonly given: ReadonlySet<string>
  /** There is a GET at its path. */
  readonly readable: boolean
  /** A function of staff, by its words. */
  readonly staff: boolean
  /** The contract says that nobody needs a credential. */
  readonly open: boolean
  /** The contract says that a credential is needed. */
  readonly secured: boolean
  readonly signIn: boolean
  readonly signUp: boolean
  /** Changes how somebody signs in: never sent with an identity's own name and another value. */
  readonly credential: boolean
  readonly slots: readonly IdSlot[]
  /** A POST that reads: `getOrder`, `search`. */
  readonly asks: boolean
  /** Type of the object that it makes; undefined where it makes none. */
  readonly creates: string | undefined
  readonly reply: (status: number) => IdShape | undefined
  /** The last fixed segment of its path that is more than `recent` or `all`. */
  readonly collection: string
}

/** Every operation of a contract as the probe sees it; WebSocket upgrades are left out. */
export function readOperations(contract: LoadedContract, ids: ObjectIds): readonly ProbeOperation[] {
  const read = new Set(
    contract.declared.filter(({ method }) => method === 'GET').map(({ template }) => template),
  )
  const given = typesGiven(contract, ids)
  return contract.declared.flatMap((declared, slot) => {
    if (declared.extension?.['websocket'] === true) return []
    return [{ ...probeOperation(declared, slot, ids), readable: read.has(declared.template), given }]
  })
}

function typesGiven(contract: LoadedContract, ids: ObjectIds): ReadonlySet<string> {
  const types = new Set<string>()
  const visit = (node: IdShape | undefined, depth: number): void => {
    if (node === undefined || depth > 8) return
    if (node.id !== undefined) types.add(node.id.type)
    for (const child of node.members.values()) visit(child, depth + 1)
    visit(node.items, depth + 1)
    visit(node.rest, depth + 1)
  }
  contract.declared.forEach((_, slot) => {
    for (const status of [200, 201, 202]) visit(ids.operations.get(slot)?.reply(status), 0)
  })
  return types
}

/** Reading by POST: nothing is done with what it names. */
const asking = /^(?:get|find|search|query|lookup|look|list|read|fetch|show|view|describe|check)$/

function probeOperation(
  declared: DeclaredOperation,
  slot: number,
  ids: ObjectIds,
): Omit<ProbeOperation, 'readable' | 'given'> {
  const known = ids.operations.get(slot)
  const words = `${declared.id} ${declared.template.replaceAll(/\{[^}]*\}/g, ' ')}`
  const segments = declared.template
    .split('/')
    .filter((one) => one !== '' && !one.includes('{') && !/^v\d+$/i.test(one))
  const scopes = declared.security.flat().flatMap((one) => one.scopes)
  const signIn =
    declared.method === 'POST' && declared.body !== undefined && isSignInWord(words) && !isSignUpWord(words)
  const harmful =
    (declared.method === 'GET' || declared.method === 'HEAD') &&
    (isHarmfulWord(segments.at(-1) ?? '') ||
      isHarmfulWord(declared.id) ||
      /^(?:creates?|resets?|populates?|deletes?|removes?)\b/i.test(declared.summary))
  const asks =
    declared.method === 'POST' &&
    (asking.test(wordsOf(declared.id)[0] ?? '') || asking.test(wordsOf(segments.at(-1) ?? '')[0] ?? ''))
  return {
    declared,
    slot,
    title: `${declared.method} ${declared.template}`,
    reads: (declared.method === 'GET' || declared.method === 'HEAD') && !harmful,
    harmful,
    staff:
      isStaffWord(words) ||
      declared.tags.some(isStaffWord) ||
      (scopes.length > 0 && scopes.some((scope) => isStaffWord(scope))),
    open: declared.securityDeclared && declared.security.every((one) => one.length === 0),
    secured: declared.security.length > 0 && declared.security.every((one) => one.length > 0),
    signIn,
    signUp: declared.method === 'POST' && isSignUpWord(words),
    credential:
      /^(?:POST|PUT|PATCH)$/.test(declared.method) &&
      !signIn &&
      !isSignUpWord(words) &&
      isCredentialWord(segments.at(-1) ?? ''),
    slots: [...parameterSlots(declared, known?.parameters ?? []), ...bodySlots(known?.body)],
    asks,
    creates: asks
      ? undefined
      : (typeMade(known?.creates, segments) ??
        (declared.method === 'POST' && isSignUpWord(words) ? 'user' : undefined)),
    reply: (status) => known?.reply(status),
    collection: segments.findLast((one) => !isQualifier(one)) ?? segments.at(-1) ?? '',
  }
}

function parameterSlots(
  declared: DeclaredOperation,
  typed: readonly {
    readonly in: string
    readonly name: string
    readonly type: string
    readonly separator: string | undefined
  }[],
): IdSlot[] {
  return declared.parameters.flatMap((one) => {
    const mark = typed.find(
      (other) =>
        other.in === one.in && other.name === (one.in === 'header' ? one.name.toLowerCase() : one.name),
    )
    if (mark === undefined && one.in !== 'path') return []
    const type =
      mark === undefined || isVersion(mark.type) ? typeBefore(declared.template, one.name) : mark.type
    return [
      { place: idOf(one), name: one.name, type, required: one.required, many: mark?.separator !== undefined },
    ]
  })
}

/** Type of what a path parameter names: the collection before it. */
function typeBefore(template: string, name: string): string {
  const segments = template.split('/')
  const at = segments.findIndex((segment) => segment.includes(`{${name}}`))
  const before = segments
    .slice(0, at)
    .findLast((segment) => segment !== '' && !segment.includes('{') && !/^v\d+$/i.test(segment))
  const { type } = typeOfCollection(before ?? '')
  return type === '' ? parseIdName(name).type || name : type
}

function bodySlots(shape: IdShape | undefined): IdSlot[] {
  const found: IdSlot[] = []
  const visit = (node: IdShape, path: readonly string[], depth: number): void => {
    if (depth > 4 || found.length > 20) return
    if (node.id !== undefined && node.id.confidence !== 'guess')
      found.push({
        place: `body/${path.join('/')}`,
        name: path.findLast((one) => one !== '*') ?? '',
        type: isVersion(node.id.type)
          ? parseIdName(path.findLast((one) => one !== '*') ?? '').type || 'user'
          : node.id.type,
        required: false,
        many: path.includes('*'),
      })
    for (const [name, child] of node.members) visit(child, [...path, name], depth + 1)
    if (node.items !== undefined) visit(node.items, [...path, '*'], depth + 1)
  }
  if (shape !== undefined) visit(shape, [], 0)
  return found
}

/** `/users/v1/{name}`: a version is no collection. */
function isVersion(type: string): boolean {
  return /^v\d+$/i.test(type)
}

function typeMade(type: string | undefined, segments: readonly string[]): string | undefined {
  if (type === undefined || !isVersion(type)) return type
  return typeOfCollection(
    segments.findLast((one) => !/^(?:register|signup|create|add|new)$/i.test(one)) ?? '',
  ).type
}
