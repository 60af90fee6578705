import type { CallEvent } from '../api/shapes.ts'
import { hrefOf } from '../location.ts'
import { stageOfCode } from './stages.ts'

/** What a call did that the code refuses; reads on after the name of the caller. */
const did: Readonly<Record<string, string>> = {
  LISTEN_MALFORMED: 'sent something that is not one well-formed request',
  LISTEN_PATH_AMBIGUOUS: 'wrote a path that two servers could read differently',
  LISTEN_QUERY_AMBIGUOUS: 'wrote a query that two servers could read differently',
  LISTEN_TARGET_TOO_LONG: 'asked with an address that is too long',
  LISTEN_HEADERS_TOO_LARGE: 'sent more header fields than are read',
  LISTEN_TIMEOUT: 'sent its request too slowly',
  LISTEN_EXPECTATION: 'expected something that nobody here does',
  LISTEN_METHOD_UNKNOWN: 'used a method that does not exist here',
  LISTEN_VERSION: 'spoke a version of HTTP that is not spoken here',
  LISTEN_TLS_REQUIRED: 'came without encryption where that is required',
  LISTEN_LOOP: 'came through this gateway before',
  LISTEN_ADDRESS_LIMIT: 'sent more requests than one address may',
  MATCH_HOST: 'asked for a host that is not served here',
  MATCH_NO_OPERATION: 'asked for something that no contract declares',
  MATCH_METHOD: 'used a method that the contract does not declare for this path',
  IDENTIFY_REQUIRED: 'said nothing about who it is, and the operation is not public',
  IDENTIFY_MALFORMED: 'sent credentials that cannot be read',
  IDENTIFY_TOKEN_INVALID: 'sent a token that no configured issuer vouches for',
  IDENTIFY_TOKEN_EXPIRED: 'sent a token whose time is over',
  IDENTIFY_TOKEN_REVOKED: 'sent a token that has been revoked',
  IDENTIFY_PROOF_INVALID: 'could not prove that the token is its own',
  IDENTIFY_NONCE_REQUIRED: 'proved possession without a nonce of this server',
  IDENTIFY_STEP_UP: 'signed in too weakly or too long ago for this operation',
  IDENTIFY_KEYS_UNAVAILABLE: 'could not be recognised, because the keys of its issuer were not available',
  AUTHORIZE_SCOPE: 'has a token without the scope that this operation needs',
  AUTHORIZE_FUNCTION: 'may not use this function',
  AUTHORIZE_OBJECT: 'asked for an object that is not its own',
  AUTHORIZE_NOT_FOUND: 'asked for an object that is not its own, and was told that there is none',
  AUTHORIZE_PROPERTY: 'sent a property that it may not write',
  AUTHORIZE_ORIGIN: 'came from a page of an origin that is not allowed',
  AUTHORIZE_FLOW: 'skipped a step that must come before this one',
  AUTHORIZE_DESTINATION: 'wrote to a destination that came from a text of strangers and nobody approved',
  AUTHORIZE_UNDECIDED: 'could not be judged, because the decision point did not answer',
  LIMIT_RATE: 'called more often than it may',
  LIMIT_QUEUE: 'had too many calls waiting already',
  LIMIT_LOCKED: 'is locked for a while after what it did before',
  LIMIT_OVERLOAD: 'came while the gateway or the upstream had too much to do',
  LIMIT_PACE: 'was faster than a person can be',
  INSPECT_BODY_TOO_LARGE: 'sent a body that is larger than the contract allows',
  INSPECT_MEDIA_TYPE: 'sent a kind of body that the contract does not declare',
  INSPECT_CONTENT_CODING: 'sent a body in a coding that is not accepted',
  INSPECT_SCHEMA: 'sent input that is not what the contract says',
  INSPECT_JSON: 'sent JSON that is broken or that two readers could read differently',
  INSPECT_GRAPHQL: 'sent a GraphQL request beyond its limits',
  INSPECT_INJECTION: 'sent input that looks like an attack',
  FORWARD_UNREACHABLE: 'was let through, but the upstream could not be reached',
  FORWARD_TIMEOUT: 'was let through, but the upstream took too long',
  FORWARD_MALFORMED: 'was let through, but the upstream answered with something unreadable',
  SCREEN_SCHEMA: 'was let through, but the reply is not what the contract says',
  SCREEN_TOO_LARGE: 'was let through, but the reply is too large to be looked through',
  SCREEN_CONTEXT: 'was let through, but the reply holds instructions to whoever reads it',
  SCREEN_SECRET: 'was let through, but the reply holds a secret',
  GATEWAY_FAULT: 'ran into a fault of the gateway, which refuses rather than guesses',
  GATEWAY_DRAINING: 'came while the gateway was shutting down',
}

/** Who called, in words. */
export function callerOf(event: Pick<CallEvent, 'sub' | 'issuer' | 'client'>): string {
  if (event.sub !== '') return event.sub
  return event.client === undefined || event.client === '' ? 'An anonymous caller' : event.client
}

/** The page of who called; only for one with a subject. */
export function hrefOfCaller({ issuer, sub }: Pick<CallEvent, 'sub' | 'issuer'>): string {
  return hrefOf(['principals', issuer === '' ? sub : `${issuer}/${sub}`])
}

/** "Why was this refused", in one sentence; undefined where it was not. */
export function whyRefused(event: CallEvent): string | undefined {
  const { code } = event
  if (code === undefined) return undefined
  const stage = stageOfCode(code)
  const what = did[code] ?? 'was refused'
  const reason = event.reason === undefined || event.reason === '' ? '' : ` (${event.reason})`
  return `${callerOf(event)} ${what}${reason}; ${stage === 'gateway' ? 'the gateway' : stage} answered ${event.status}.`
}

/** What would have been refused, had the check not only watched. */
export function watchedOf(event: CallEvent): readonly CallEvent['notes'][number][] {
  return event.notes.filter((note) => note.observed && note.verdict === 'deny')
}
