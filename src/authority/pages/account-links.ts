import type { AccountLinks } from '../accounts/options.ts'

/** Addresses of the pages that mails and the first start link to. */
export function accountLinks(issuer: string): AccountLinks {
  const link =
    (page: string) =>
    (token: string): string =>
      `${issuer}/account/${page}?token=${token}`
  return { verify: link('verify'), reset: link('reset'), setup: link('set-up') }
}
