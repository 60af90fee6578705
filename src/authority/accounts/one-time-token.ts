import { randomBytes } from 'node:crypto'
import { digestOf } from '../../crypto/digest.ts'
import type { TokenRecord, TokenRepository } from '../../repositories/account-tokens.ts'

/** What a token is good for. */
export type TokenKind = 'verify' | 'reset' | 'setup'

/** Links in mails live this long; the link of the first start an hour. */
export const linkMs: number = 15 * 60_000
export const setupMs: number = 60 * 60_000

const form = /^[A-Za-z0-9_-]{43}$/

/** Makes a token of 256 random bits; only its digest is stored. */
export async function issueToken(
  tokens: TokenRepository,
  kind: TokenKind | 'nothing',
  sub: string,
  payload: object,
  expires: number,
): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  await tokens.put({ digest: digestOf(token), kind, sub, payload: JSON.stringify(payload), expires })
  return token
}

/** The token's record, still there. */
export function peekToken(
  tokens: TokenRepository,
  kind: TokenKind,
  token: string,
  now: number,
): Promise<TokenRecord | undefined> {
  return form.test(token) ? tokens.peek(digestOf(token), kind, now) : Promise.resolve(undefined)
}

/** The token's record, for the one who takes it first. */
export function takeToken(
  tokens: TokenRepository,
  kind: TokenKind,
  token: string,
  now: number,
): Promise<TokenRecord | undefined> {
  return form.test(token) ? tokens.take(digestOf(token), kind, now) : Promise.resolve(undefined)
}
