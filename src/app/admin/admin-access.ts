import { createSetupLink, type SetupLink } from '../../admin/setup-link.ts'
import type { Access } from '../../admin/sign-in.ts'
import { roleOf } from '../../admin/visitor.ts'
import type { LoadedConfig } from '../../config/loaded-config.ts'
import type { AdminConfig } from '../../config/types/listen-config.ts'
import { systemClock } from '../../kernel/clock.ts'
import type { RunningAuthority } from '../authority/start-authority.ts'
import type { Services } from '../services.ts'
import { accountSignIn } from './admin-account-sign-in.ts'
import { issuerBearer } from './admin-issuer-bearer.ts'
import { issuerSignIn } from './admin-issuer-sign-in.ts'

/** The ways in that a configuration opens, and the set-up link where there is nobody yet who could use them. */
export interface AdminAccess {
  readonly access: Access
  readonly setup: SetupLink | undefined
  close(): void
}

export async function createAdminAccess(
  loaded: LoadedConfig,
  config: AdminConfig,
  services: Services,
  authority: RunningAuthority | undefined,
): Promise<AdminAccess> {
  const setup = (await hasAdministrator(config, authority)) ? undefined : createSetupLink(systemClock)
  const issuer = loaded.config.issuers.find(({ name }) => name === config.people?.issuer)
  const page =
    issuer !== undefined
      ? issuerSignIn(config, issuer, services.outbound)
      : authority !== undefined
        ? accountSignIn(config, authority)
        : undefined
  const bearer = issuer === undefined ? undefined : issuerBearer(config, issuer, services)
  return {
    setup,
    access: { page, bearer: bearer?.verify, setup },
    close: () => bearer?.close(),
  }
}

/** Accounts are looked through a page at a time; there are few where nobody is an administrator yet. */
async function hasAdministrator(
  { token, people, roles }: AdminConfig,
  authority: RunningAuthority | undefined,
): Promise<boolean> {
  if (token !== undefined || people !== undefined) return true
  if (authority === undefined) return false
  for (let after: string | undefined; ; ) {
    const page = await authority.accounts.people.list(200, after)
    if (page.accounts.some((one) => !one.disabled && roleOf(one.roles, roles) === 'administrator'))
      return true
    if (page.next === undefined) return false
    after = page.next
  }
}
