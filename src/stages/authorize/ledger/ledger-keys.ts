import type { Principal } from '../../../kernel/principal.ts'

/** The key of a principal: whoever signs in again, with whatever token, is the same. */
export function holderOf(api: string, principal: Pick<Principal, 'issuer' | 'sub'>): string {
  return `${api}\0${principal.issuer}\0${principal.sub}`
}

/** The holder that has every object somebody made. Its name begins with NUL, which no principal's does. */
export function madeHolder(api: string): string {
  return `\0made\0${api}`
}

/** The holder that has every object anybody was shown. */
export function publicHolder(api: string): string {
  return `\0public\0${api}`
}

/** An object as the ledger keeps it. */
export function objectKey(type: string, id: string): string {
  return `${type}\0${id}`
}
