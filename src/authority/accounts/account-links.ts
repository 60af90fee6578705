import type { AccountLinks } from './options.ts'

/** The pages that redeem tokens, below the issuer: `ISSUER/account/verify|reset|set-up?token=…`. */
export function createAccountLinks(issuer: string): AccountLinks {
  const link = (page: string, token: string): string => `${issuer}/account/${page}?token=${token}`
  return {
    verify: (token) => link('verify', token),
    reset: (token) => link('reset', token),
    setup: (token) => link('set-up', token),
  }
}
